// Bench of preparing a generated dataset of ISOT's full size: 44,898 rows, 115 MB. Each run is a separate process, so that
// its peak memory can be measured; the double size shows that memory does not grow with the rows.
// npx tsx bench/prepare.ts [--allow-busy] (needs dist: npm run build)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runSuite, type SuiteResult } from './harness.ts';
import { generateIsotFolder } from './isot-generator.ts';

const dist = new URL('../dist/', import.meta.url);
const ROWS = 44_898;
const BYTES = 115e6;

// Runs in the child process: prepares, then prints its duration and its peak memory.
const CHILD = `
const [path, home] = process.argv.slice(1);
const { prepareDataset } = await import(${JSON.stringify(new URL('learning/data/index.js', dist).href)});
const { locateHome } = await import(${JSON.stringify(new URL('foundation/records/home.js', dist).href)});
const { createStores } = await import(${JSON.stringify(new URL('workflows/context/index.js', dist).href)});
const { systemClock } = await import(${JSON.stringify(new URL('foundation/core/clock.js', dist).href)});
const columns = { title: null, text: null, label: null, source: null, date: null, id: null };
const config = { name: 'isot', kind: 'isot', path, columns, labels: null, classes: null, strip: true, max_set_aside: 0.1, max_rejects: null,
  near_duplicates: { threshold: 0.8, shingle_words: 3, permutations: 128 }, split: { validation: 0.1, test: 0.1, seed: 42 } };
const progress = () => ({ update() {}, stop() {} });
const { manifest, seconds } = await prepareDataset({ config, home: locateHome(home), stores: createStores(locateHome(home), systemClock), progress, say() {},
  signal: new AbortController().signal, clock: systemClock });
console.log(JSON.stringify({ id: manifest.id, rows: manifest.rows, seconds, peakMb: process.resourceUsage().maxRSS / 1024 }));
`;

interface Prepared {
  readonly id: string;
  readonly rows: { readonly read: number; readonly kept: number; readonly duplicate: number };
  readonly seconds: number;
  readonly peakMb: number;
}

/** @param scale  1 = the size of the full ISOT set */
export function benchPrepare(scale = 1, iterations = 3): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
  const rows = Math.round(ROWS * scale);
  const sizes = { once: rows, double: 2 * rows };
  for (const [name, count] of Object.entries(sizes)) {
    generateIsotFolder(join(folder, name), { rows: count, bytes: (BYTES / ROWS) * count });
  }
  let round = 0;
  const prepare = (name: keyof typeof sizes): Prepared => {
    const home = join(folder, `home-${round++}`);
    const output = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', CHILD, join(folder, name), home],
      { encoding: 'utf8' },
    );
    rmSync(home, { recursive: true, force: true });
    return JSON.parse(output) as Prepared;
  };
  return runSuite('prepare', async (suite) => {
    const runs = { once: [] as Prepared[], double: [] as Prepared[] };
    for (let i = 0; i < iterations; i++) {
      for (const name of ['once', 'double'] as const) runs[name].push(prepare(name));
    }
    for (const name of ['once', 'double'] as const) {
      const [first] = runs[name];
      if (first?.rows.read !== sizes[name] || runs[name].some(({ id }) => id !== first.id)) {
        throw new Error(
          `prepare ${name}: expected ${sizes[name]} rows and one id, got ${JSON.stringify(runs[name])}`,
        );
      }
      const title = `${sizes[name].toLocaleString('en')} rows`;
      const full = scale === 1 && name === 'once';
      suite.record({
        name: `prepare ${title}`,
        unit: 's',
        better: 'lower',
        values: runs[name].map(({ seconds }) => seconds),
        ...(full ? { limit: 25 } : {}),
      });
      suite.record({
        name: `peak memory, ${title}`,
        unit: 'MB',
        better: 'lower',
        values: runs[name].map(({ peakMb }) => peakMb),
        ...(full ? { limit: 700 } : {}),
      });
    }
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await benchPrepare().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
