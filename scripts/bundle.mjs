// Bundles the program: the command line and the workers it starts, with the packages they use, into few files. Reading
// and linking some 900 modules took longer than all the rest of a start. What a program imports later (`import()`) stays
// a file of its own. The doors of package.json (`veracity`, `veracity/client`, …) stay modules, as tsc wrote them.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files that are started by their names, below src/ and dist/. */
const ENTRIES = [
  'cli',
  'engine/runtime/device/device-probe',
  'engine/runtime/session/inference-worker',
  'engine/runtime/training/training-worker',
  'engine/runtime/update/update-worker',
  'judging/explain/explain-worker',
  'judging/predict/classifier-worker',
];
/** It has a binary for each platform. */
const EXTERNAL = ['onnxruntime-node'];
/** Below dist/: what the entries share, and the licences of the packages in it. */
export const BUNDLE_FOLDER = 'program';

/** @fastify/swagger-ui serves files of its own: they stay in its package, and so does the place it looks for them. */
const swaggerFiles = {
  name: 'swagger-files',
  transform(code, id) {
    const file = /@fastify\/swagger-ui\/((?:lib\/)?)[\w-]+\.js$/.exec(id);
    if (file === null || !code.includes('__dirname')) return null;
    const folder = `require('node:path').join(require.resolve('@fastify/swagger-ui'), '..', '${file[1]}')`;
    return { code: code.replaceAll('__dirname', folder), map: null };
  },
};

/**
 * Writes the entries over those that tsc left in `folder`.
 * @returns the paths below `folder` of what was written
 */
export async function bundleProgram(folder) {
  const { output } = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [swaggerFiles],
    ssr: { noExternal: true, external: EXTERNAL, target: 'node' },
    build: {
      ssr: true,
      outDir: relative(root, folder),
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      reportCompressedSize: false,
      license: { fileName: `${BUNDLE_FOLDER}/licenses.md` },
      rolldownOptions: {
        input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(root, 'src', `${entry}.ts`)])),
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: `${BUNDLE_FOLDER}/[name]-[hash].js`,
          comments: false,
        },
      },
    },
  });
  return output.map(({ fileName }) => fileName);
}
