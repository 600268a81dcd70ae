// Bench of auditing a dataset of ISOT's full size: 44,898 rows. Each run is a separate process, so that its peak memory can be
// measured. Without a folder the articles are generated; bench/isot-tiled.ts makes a folder from real ones.
// npx tsx bench/audit.ts [FOLDER] [--allow-busy] (needs dist: npm run build)
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
const ITERATIONS = 1; // each reads all rows several times; what it computes does not vary

// Runs in the child process: audits, then prints its duration, its processor time and its peak memory.
const CHILD = `
const [path, home, depth] = process.argv.slice(1);
const { auditData } = await import(${JSON.stringify(new URL('learning/data/index.js', dist).href)});
const { locateHome } = await import(${JSON.stringify(new URL('foundation/records/index.js', dist).href)});
const columns = { title: null, text: null, label: null, source: null, date: null, id: null };
const config = { name: 'isot', kind: 'isot', path, columns, labels: null, classes: null, strip: true, max_set_aside: 0.1, max_rejects: null,
  near_duplicates: { threshold: 0.8, shingle_words: 3, permutations: 128 }, split: { validation: 0.1, test: 0.1, seed: 42 } };
const progress = () => ({ update() {}, stop() {} });
const start = performance.now();
const context = { home: locateHome(home), progress, say() {}, signal: new AbortController().signal };
const { rows } = await auditData(config, context, depth);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ rows: rows.read, seconds, cpuSeconds: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1024 }));
`;

interface Audited {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

/** @param given  a folder with True.csv and Fake.csv; null: generated */
export function benchAudit(given: string | null = null, iterations = ITERATIONS): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
  const data = given ?? join(folder, 'isot');
  if (given === null) generateIsotFolder(data, { rows: ROWS, bytes: BYTES });
  const audit = (depth: 'whole' | 'limits'): Audited => {
    const args = ['--input-type=module', '-e', CHILD, data, join(folder, 'home'), depth];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Audited;
  };
  const about = given === null ? 'generated articles' : 'titles of ISOT, bodies of its sample varied';
  return runSuite('audit', async (suite) => {
    for (const [depth, words] of [
      ['whole', 'audit'],
      ['limits', 'read and check the limits of'],
    ] as const) {
      const runs = Array.from({ length: iterations }, () => audit(depth));
      if (runs.some(({ rows }) => rows !== ROWS)) throw new Error(`audit: expected ${ROWS} rows`);
      const title = `${words} ${ROWS.toLocaleString('en')} rows`;
      suite.record({
        ...{
          name: title,
          unit: 's',
          better: 'lower',
          note: about,
          values: runs.map(({ seconds }) => seconds),
        },
      });
      suite.record({
        ...{ name: `processor time, ${title}`, unit: 's', better: 'lower' },
        values: runs.map(({ cpuSeconds }) => cpuSeconds),
        ...(depth === 'whole' ? { limit: 60 } : {}),
      });
      suite.record({
        ...{ name: `peak memory, ${title}`, unit: 'MB', better: 'lower' },
        values: runs.map(({ peakMb }) => peakMb),
      });
    }
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await benchAudit(process.argv.slice(2).find((arg) => !arg.startsWith('--')) ?? null).catch(
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
