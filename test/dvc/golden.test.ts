// Compares with the golden folders that the real DVC has made: versions and script in `reference`.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateHome } from '../../src/foundation/records/home.ts';
import type { WorkflowContext } from '../../src/workflows/context/workflow-context.ts';
import { addData, checkoutData, commitData, readDataStatus } from '../../src/workflows/versioning/index.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';
import { goldenTree, readGolden, writeGolden2, writeGolden3 } from './golden-data.ts';

let folder: string;
let context: WorkflowContext;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-golden-'));
  execFileSync('git', ['init', '-q', folder]);
  mkdirSync(join(folder, '.dvc'));
  context = createQuietContext(locateHome(join(folder, '.veracity')), folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const listKeys = (path: string, prefix = ''): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? listKeys(join(path, entry.name), `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  );

describe('data add beside DVC 3', () => {
  const golden = readGolden('dvc-3');

  it('writes the same pointers, manifests, objects and entries of .gitignore, byte for byte', async () => {
    const names = writeGolden3(folder, golden);
    await addData(
      names.map((name) => join(folder, name)),
      { force: false },
      context,
    );
    const pointers = Object.fromEntries(
      names.map((name) => [name, readFileSync(join(folder, `${name}.dvc`), 'utf8')]),
    );
    expect(pointers).toEqual(golden.pointers);
    // JSON has sorted the name 123 to the front.
    const listEntries = (text: string): string[] => text.split('\n').sort();
    expect(listEntries(readFileSync(join(folder, '.gitignore'), 'utf8'))).toEqual(
      listEntries(golden.gitignore),
    );
    const cache = join(folder, '.dvc', 'cache');
    expect(listKeys(cache).sort()).toEqual(golden.objects);
    for (const [key, text] of Object.entries(golden.manifests))
      expect(readFileSync(join(cache, key), 'utf8')).toBe(text);
    for (const key of golden.objects) expect(statSync(join(cache, key)).mode & 0o777).toBe(0o444);
  });

  it('brings the data back, with its mode, from the cache alone', async () => {
    const names = writeGolden3(folder, golden);
    await addData(
      names.map((name) => join(folder, name)),
      { force: false },
      context,
    );
    for (const name of names) rmSync(join(folder, name), { recursive: true });
    await checkoutData([], { force: false }, context);
    for (const [name, text] of Object.entries(goldenTree))
      expect(readFileSync(join(folder, 'tree', name), 'utf8')).toBe(text);
    expect(readdirSync(join(folder, 'empty-folder'))).toEqual([]);
    expect(statSync(join(folder, 'run.sh')).mode & 0o111).toBe(0o111);
    expect(statSync(join(folder, 'tree', 'a-b')).mode & 0o111).toBe(0);
    const { data } = await readDataStatus([], { verify: true }, context);
    expect(data.map(({ state }) => state)).toEqual(names.map(() => 'unchanged'));
  });
});

describe('pointers and the cache of DVC 2', () => {
  const golden = readGolden('dvc-2');
  const names = Object.keys(golden.pointers);
  const write = (): void => {
    writeGolden2(folder);
    for (const [name, text] of Object.entries(golden.pointers))
      writeFileSync(join(folder, `${name}.dvc`), text);
  };

  it('are compared by the md5 of text without CR, also above 1 MiB', async () => {
    write();
    const { data } = await readDataStatus([], { verify: false }, context);
    expect(data.map(({ path, state }) => `${path} ${state}`).sort()).toEqual(
      names.map((name) => `${name} unchanged`).sort(),
    );
  });

  it('are checked out from the layout without files/, and rewritten by commit only', async () => {
    write();
    // The cache as DVC 2 has it: objects at `ab/cdef…`, under the md5 of their text without CR.
    const { measureData } = await import('../../src/keeping/dvc/data-measure.ts');
    const { hashFileSync } = await import('../../src/keeping/dvc/file-hash.ts');
    for (const name of names) {
      const { files, manifest, record } = await measureData({
        root: folder,
        temporary: join(folder, '.dvc/tmp/veracity'),
        path: join(folder, name),
        hash: 'md5-dos2unix',
        expected: new Map([['', /md5: (\S+)/.exec(golden.pointers[name]!)![1]!]]),
        read: async (all) => all.map(({ path }) => hashFileSync(path, 'md5-dos2unix')),
      });
      const place = (md5: string): string => {
        const path = join(folder, '.dvc/cache', md5.slice(0, 2), md5.slice(2));
        mkdirSync(join(path, '..'), { recursive: true });
        return path;
      };
      if (manifest !== null) writeFileSync(place(record.md5!), manifest);
      for (const file of files ?? [{ relpath: '', md5: record.md5! }])
        cpSync(join(folder, name, file.relpath), place(file.md5));
    }
    expect(listKeys(join(folder, '.dvc/cache')).sort()).toEqual(golden.objects);
    for (const [key, text] of Object.entries(golden.manifests))
      expect(readFileSync(join(folder, '.dvc/cache', key), 'utf8')).toBe(text);
    const big = readFileSync(join(folder, 'big.csv'));
    for (const name of names) rmSync(join(folder, name), { recursive: true });
    await checkoutData([], { force: false }, context);
    expect(readFileSync(join(folder, 'big.csv')).equals(big)).toBe(true);
    expect(readFileSync(join(folder, 'big.csv.dvc'), 'utf8')).toBe(golden.pointers['big.csv']);

    await commitData(['big.csv'], { force: false }, context);
    expect(readFileSync(join(folder, 'big.csv.dvc'), 'utf8')).toMatch(
      /^outs:\n- md5: [0-9a-f]{32}\n {2}size: 2437795\n {2}path: big\.csv\n {2}hash: md5\n$/,
    );
    expect(existsSync(join(folder, '.dvc/cache/files/md5'))).toBe(true);
    expect(readFileSync(join(folder, 'tree.dvc'), 'utf8')).toBe(golden.pointers.tree);
  });
});
