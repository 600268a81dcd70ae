// Bench of reading data files: rows a second and peak memory of CSV, JSON Lines, a list of JSON, Parquet, gzip and zip, each in a
// process of its own; if VERACITY_PYTHON has pandas and pyarrow, the same files in pandas, in turn. The articles are generated in the
// size of the full ISOT set. Parquet needs Python to write it.
// npx tsx bench/reading.ts [--allow-busy] (needs dist: npm run build)
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { zip } from '../test/fixtures/zip-archive.ts';
import { saveDetails } from './details.ts';
import { runSuite } from './harness.ts';
import { generateIsotFolder } from './isot-generator.ts';
import { listRatios, PYTHON, repositoryRoot, runInTurn } from './sides.ts';

const SUITE = 'reading';
const ROWS = 44_898;
const BYTES = 115e6;
const ROUNDS = 5;

// The peak of the process itself: that of getrusage begins with the peak of the process that started it.
const CHILD = `
import { readFileSync } from 'node:fs';
const [path] = process.argv.slice(1);
const { readRawRows } = await import(${JSON.stringify(new URL('../dist/learning/data/index.js', import.meta.url).href)});
const columns = { title: 'title', text: 'text', label: null, source: null, date: null, id: null };
const startMs = performance.now();
let rows = 0, characters = 0;
for await (const batch of readRawRows({ path, format: null, columns }))
  for (const row of batch.rows) { rows++; characters += row.get('title').length + row.get('text').length; }
console.log(JSON.stringify({ rows, characters, seconds: (performance.now() - startMs) / 1000, peakMb: Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024 }));
`;

interface Read {
  readonly rows: number;
  /** Of titles and texts together. */
  readonly characters: number;
  readonly seconds: number;
  readonly peakMb: number;
}

const sides = {
  ours: (path: string): Read =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', CHILD, path], { encoding: 'utf8' }),
    ),
  pandas: (path: string): Read =>
    JSON.parse(
      execFileSync(PYTHON!, [join(repositoryRoot, 'bench/baselines/read-pandas.py'), 'read', path], {
        encoding: 'utf8',
      }),
    ),
};

/** Writes the same rows in each format. @returns the paths by format */
async function writeFiles(folder: string): Promise<Record<string, string>> {
  generateIsotFolder(join(folder, 'csv'), { rows: ROWS, bytes: BYTES });
  const at = (name: string): string => join(folder, name);
  const parts = ['True.csv', 'Fake.csv'].map((name) => readFileSync(join(folder, 'csv', name), 'utf8'));
  writeFileSync(at('articles.csv'), parts[0]! + parts[1]!.slice(parts[1]!.indexOf('\n') + 1));
  const { readRawRows } = await import('../src/learning/data/index.ts');
  const columns = { title: 'title', text: 'text', label: null, source: null, date: null, id: null };
  const lines = createWriteStream(at('articles.jsonl'));
  const objects: string[] = [];
  for await (const { rows } of readRawRows({ path: at('articles.csv'), format: null, columns }))
    for (const row of rows) if ('values' in row) objects.push(JSON.stringify(row.values()));
  lines.end(`${objects.join('\n')}\n`);
  await once(lines, 'close');
  writeFileSync(at('articles.json'), `[\n${objects.join(',\n')}\n]\n`);
  await pipeline(
    createReadStream(at('articles.csv')),
    createGzip(),
    createWriteStream(at('articles.csv.gz')),
  );
  writeFileSync(at('articles.zip'), zip([{ name: 'articles.csv', bytes: readFileSync(at('articles.csv')) }]));
  if (PYTHON !== null)
    execFileSync(PYTHON, [join(repositoryRoot, 'bench/baselines/read-pandas.py'), 'write', folder]);
  const kinds = { CSV: 'articles.csv', 'JSON Lines': 'articles.jsonl', 'a list of JSON': 'articles.json' };
  const packed = { 'CSV in gzip': 'articles.csv.gz', 'CSV in zip': 'articles.zip' };
  const all = { ...kinds, ...packed, ...(PYTHON === null ? {} : { Parquet: 'articles.parquet' }) };
  return Object.fromEntries(Object.entries(all).map(([kind, name]) => [kind, at(name)]));
}

await runSuite(SUITE, async (suite) => {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
  try {
    for (const [kind, path] of Object.entries(await writeFiles(folder))) {
      const peaks = { ours: [] as number[], pandas: [] as number[] };
      const read = (side: keyof typeof sides): number => {
        const { rows, seconds, peakMb } = sides[side](path);
        if (rows !== ROWS) throw new Error(`${side}, ${kind}: ${rows} of ${ROWS} rows: not timed`);
        peaks[side].push(peakMb);
        return rows / seconds / 1000;
      };
      const names: readonly (keyof typeof sides)[] = PYTHON === null ? ['ours'] : ['ours', 'pandas'];
      const both = Object.fromEntries(names.map((side) => [side, () => read(side)]));
      const rates: Readonly<Partial<Record<string, number[]>>> = await runInTurn(both, { rounds: ROUNDS });
      for (const side of names) {
        const name = side === 'ours' ? kind : `${kind}, ${side}`;
        suite.record({ name, unit: 'krows/s', better: 'higher', values: rates[side] ?? [] });
        suite.record({ name: `${name}, peak memory`, unit: 'MB', better: 'lower', values: peaks[side] });
      }
      if (rates.pandas !== undefined)
        suite.record({
          name: `${kind}, ours / pandas`,
          unit: 'times',
          better: 'higher',
          values: listRatios(rates.ours ?? [], rates.pandas),
          note: 'above 1: ours is faster',
        });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const notes = PYTHON === null ? ['pandas was left out: VERACITY_PYTHON names no Python with pandas.'] : [];
  saveDetails(SUITE, { tables: [], notes });
});
