// Compiles all code that readers may copy: every TypeScript block of README.md and docs/, as a program that has installed
// this package, and every @example of the sources, next to its function. One run of the compiler covers all.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../architecture/source-imports.ts';

interface Snippet {
  /** The file and line of the snippet. */
  readonly place: string;
  readonly file: string;
  readonly code: string;
}

const listFiles = (folder: string, ending: string): string[] =>
  readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path));
const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

const blocks = ['README.md', ...listFiles('docs', '.md')].flatMap((path) => {
  const text = read(path);
  return [...text.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```/gm)].map((match) => ({
    place: `${path}:${lineOf(text, match.index)}`,
    code: match[1]!,
  }));
});
const examples = listFiles('src', '.ts').flatMap((path) => {
  const text = read(path);
  return [...text.matchAll(/ \* @example\n((?: \* .*\n)+) \*\/\nexport (?:async )?function (\w+)/g)].map(
    (match) => ({
      place: `${path}:${lineOf(text, match.index)}`,
      code: `import { ${match[2]} } from ${JSON.stringify(join(repositoryRoot, path))};\n${match[1]!.replaceAll(/^ \* /gm, '')}`,
    }),
  );
});
const snippets: Snippet[] = [...blocks, ...examples].map((one, i) => ({ ...one, file: `snippet-${i}.ts` }));

describe('the TypeScript that readers copy', () => {
  let folder = '';
  let complaints: string[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-snippets-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(repositoryRoot, join(folder, 'node_modules', 'veracity'));
    symlinkSync(join(repositoryRoot, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(repositoryRoot, 'tsconfig.json'),
        // A snippet may leave variables unused.
        compilerOptions: { incremental: false, tsBuildInfoFile: null, noUnusedLocals: false },
        files: [...snippets.map(({ file }) => file), 'wrong.ts'],
      }),
    );
    for (const { file, code } of snippets) writeFileSync(join(folder, file), code);
    writeFileSync(
      join(folder, 'wrong.ts'),
      "import { loadClassifier } from 'veracity/predict';\nawait loadClassifier(7);\n",
    );
    const compiler = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], {
      cwd: folder,
      encoding: 'utf8',
    });
    complaints = stdout.split('\n').filter((line) => line.includes('error TS'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is found, and the compiler reports mistakes in it', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(1);
    expect(examples.length).toBeGreaterThanOrEqual(4);
    expect(complaints.filter((line) => line.startsWith('wrong.ts'))).toHaveLength(1);
    expect(complaints.filter((line) => line.startsWith('error'))).toEqual([]); // errors of the options, not of a file
  });

  it.each(snippets)('compiles: $place', ({ file }) => {
    expect(complaints.filter((line) => line.startsWith(file))).toEqual([]);
  });
});
