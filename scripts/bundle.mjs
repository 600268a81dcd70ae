// Bundles the program: the command line and its workers, with the packages that they use, into a few files. Loading about
// 900 modules took longer than the rest of a start. Dynamic imports (`import()`) stay separate files. The entry points of
// package.json (`veracity`, `veracity/client`, …) stay modules, as tsc wrote them.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files that are started by their names; paths below src/ and dist/. */
const ENTRIES = [
  'cli',
  'engine/runtime/device/device-probe',
  'engine/runtime/session/inference-worker',
  'engine/runtime/training/training-worker',
  'engine/runtime/update/update-worker',
  'judging/explain/explain-worker',
  'judging/predict/classifier-worker',
  'keeping/database/sqlite-worker',
  'keeping/dvc/object-worker',
  'workflows/studio/studio-worker',
  'workflows/sweep/trial-process',
];
/** Packages that are not bundled: they have a binary for each platform, or are optional. */
const EXTERNAL = [
  'onnxruntime-node',
  '@photostructure/sqlite',
  '@aws-sdk/client-s3',
  '@google-cloud/storage',
];
/** The folder below dist/ with the chunks that the entries share and the licences of their packages. */
export const BUNDLE_FOLDER = 'program';

/** @fastify/swagger-ui serves files from its package, so the path to them must stay that of the package. */
const swaggerFiles = {
  name: 'swagger-files',
  transform(code, id) {
    const file = /@fastify\/swagger-ui\/((?:lib\/)?)[\w-]+\.js$/.exec(id);
    if (file === null || !code.includes('__dirname')) return null;
    const folder = `require('node:path').join(require.resolve('@fastify/swagger-ui'), '..', '${file[1]}')`;
    return { code: code.replaceAll('__dirname', folder), map: null };
  },
};

/** Importing an entry would start it: no other file may, not even for a module that the bundler put into it. */
function assertEntriesStandAlone(output) {
  const entries = new Set(output.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  for (const { fileName, imports = [], dynamicImports = [] } of output)
    for (const imported of [...imports, ...dynamicImports])
      if (entries.has(imported)) throw new Error(`bundle: ${fileName} imports the entry ${imported}`);
}

/**
 * Replaces the entries that tsc wrote in `folder` by bundles.
 * @returns the paths of the written files, below `folder`
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
  assertEntriesStandAlone(output);
  return output.map(({ fileName }) => fileName);
}
