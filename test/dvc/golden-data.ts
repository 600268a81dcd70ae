// The data of the golden folders in `reference`, with the same bytes that make.py gives to DVC.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Golden {
  readonly dvc: string;
  /** Text of the pointers by the name of the data. */
  readonly pointers: Readonly<Record<string, string>>;
  readonly gitignore: string;
  /** Text of the manifests by their key in the cache. */
  readonly manifests: Readonly<Record<string, string>>;
  /** Keys of all objects in the cache. */
  readonly objects: readonly string[];
}

export function readGolden(version: 'dvc-2' | 'dvc-3'): Golden {
  const path = fileURLToPath(new URL(`reference/${version}/golden.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8')) as Golden;
}

export const goldenTree: Readonly<Record<string, string>> = {
  'a-b': 'dash',
  'a/b': 'slash',
  'crlf.csv': 'a,b\r\n1,2\r\n',
  'del\x7f.txt': 'del',
  empty: '',
  'ä.txt': 'grün\n',
  '😀.txt': 'emoji\n',
  '\ufffd.txt': 'replacement\n',
  'tab\tq"uote\\.txt': 'escapes',
  '.hidden': 'hidden',
};

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

/** Writes the data of the golden folder of DVC 3. @returns the names of what was added, in their order */
export function writeGolden3(folder: string, { pointers }: Golden): string[] {
  writeFiles(join(folder, 'tree'), goldenTree);
  writeFiles(folder, { 'run.sh': '#!/bin/sh\n' });
  chmodSync(join(folder, 'run.sh'), 0o755);
  mkdirSync(join(folder, 'empty-folder'));
  const names = Object.keys(pointers);
  for (const name of names)
    if (!['tree', 'run.sh', 'empty-folder'].includes(name)) writeFiles(folder, { [name]: 'x' });
  return names;
}

/** Writes the data of the golden folder of DVC 2, also files above 1 MiB. */
export function writeGolden2(folder: string): void {
  writeFiles(join(folder, 'tree'), goldenTree);
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i},title ${i},some text for the row\r\n`);
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  writeFiles(folder, {
    'big.csv': `id,title,text\r\n${rows.join('')}`,
    'binary.dat': Buffer.concat([...Array.from({ length: 10 }, () => bytes), Buffer.from('\r\n')]),
    'split.csv': `${'x'.repeat(2 ** 20 - 1)}\r\nend\r\n`,
    'mixed.dat': `text\r\n${'y'.repeat(2 ** 20 - 6)}\0\r\n${'z'.repeat(2 ** 20)}\r\n`,
  });
}
