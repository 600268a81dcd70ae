// The command npm run bench [names] [-- --allow-busy | --check | --page]. It runs benches one after the other, each in its
// own process, and writes bench/RESULTS.md from all stored results. --check restores the previous results and fails if a
// figure is twice as bad as before; --page only writes the page.
// The load average still contains the previous bench, so before each bench this file checks that the processor is idle.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writeFileAtomic } from '../src/foundation/core/atomic-file.ts';
import { writeCapacityPage } from './capacity-table.ts';
import { formatDetails, loadDetails } from './details.ts';
import { findExceeded, formatResultsPage, resultsFolder, type SuiteResult } from './harness.ts';
import { repositoryRoot } from './sides.ts';

/** All benches, in the order in which an article passes what they measure. */
const BENCHES = [
  'reading',
  'data-versions',
  'remotes',
  'prepare',
  'audit',
  'tokenize',
  'linear',
  'adamw',
  'train-step',
  'run-store',
  'search',
  'profiler',
  'distilbert',
  'predict',
  'serving',
  'capacity',
  'compression',
  'studio',
  'start-up',
  'installed-size',
];
const COARSE_LIMIT = 2; // a shared machine easily shows half of it by itself
const QUIET_SHARE = 0.1; // of the processor, in use by others while we idle
const WATCH_MS = 1000;

const args = process.argv.slice(2);
const [check, allowBusy] = [args.includes('--check'), args.includes('--allow-busy')];
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = names.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`bench: no bench named ${unknown.join(', ')}; there are ${BENCHES.join(', ')}\n`);
  process.exit(2);
}

const failed: string[] = [];
const wanted = names.length === 0 ? BENCHES : names;
for (const name of args.includes('--page') ? [] : wanted) {
  const others = await measureOthersShare();
  if (others > QUIET_SHARE && !allowBusy && !check) {
    failed.push(
      `${name}: not started, others use ${Math.round(others * 100)}% of the processor (--allow-busy marks)`,
    );
    continue;
  }
  const kept = readFiles(name);
  const committed = loadResult(name);
  const { status } = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      join(repositoryRoot, `bench/${name}.ts`),
      '--allow-busy',
      ...(check ? ['--check'] : []),
    ],
    { cwd: repositoryRoot, stdio: 'inherit' },
  );
  const found = loadResult(name);
  if (status !== 0 || found === null) {
    failed.push(`${name}: ended with ${status === 0 ? 'no result' : (status ?? 'a signal')}`);
  } else if (check) {
    if (committed !== null) failed.push(...findRegressions(found, committed));
  } else {
    const busy = Math.max(others, await measureOthersShare()) > QUIET_SHARE;
    writeFileAtomic(pathOf(name), `${JSON.stringify({ ...found, busy }, null, 2)}\n`);
    for (const { name: figure, median, limit, unit } of findExceeded(found))
      process.stdout.write(`${name}: ${figure} is ${median} ${unit}, wanted ${limit}\n`);
  }
  if (check) putBack(kept);
}
if (!check) {
  writeFileAtomic(join(repositoryRoot, 'bench/RESULTS.md'), formatPage());
  writeCapacityPage();
  process.stdout.write('wrote bench/RESULTS.md\n');
}
for (const line of failed) process.stderr.write(`bench: ${line}\n`);
process.exit(failed.length === 0 ? 0 : 1);

function formatPage(): string {
  const results = BENCHES.flatMap((name) => loadResult(name) ?? []);
  const [head = '', ...sections] = formatResultsPage(results)
    .trimEnd()
    .split(/\n(?=## )/);
  const introduction =
    'How to repeat and read them: `docs/how-to/measure.md`. Rows named "A / B" are ratios of rounds taken in turn.\n';
  const told = sections.map((section, i) => {
    const details = formatDetails(loadDetails(results[i]!.suite));
    return `${section.trimEnd()}\n${details === '' ? '' : `\n${details}`}`;
  });
  return `${head}\n${introduction}\n${told.join('\n')}`;
}

function pathOf(name: string): string {
  return join(resultsFolder, `${name}.json`);
}

function loadResult(name: string): SuiteResult | null {
  return existsSync(pathOf(name)) ? (JSON.parse(readFileSync(pathOf(name), 'utf8')) as SuiteResult) : null;
}

function readFiles(name: string): Map<string, Buffer | null> {
  const paths = [pathOf(name), join(resultsFolder, `${name}.details.json`)];
  return new Map(paths.map((path) => [path, existsSync(path) ? readFileSync(path) : null]));
}

function putBack(files: ReadonlyMap<string, Buffer | null>): void {
  for (const [path, bytes] of files) {
    if (bytes === null) rmSync(path, { force: true });
    else writeFileAtomic(path, bytes);
  }
}

/** Figures that are twice as bad as before; figures of another machine are not compared. */
function findRegressions(result: SuiteResult, committed: SuiteResult): string[] {
  const machineOf = ({ machine: { processor, cores } }: SuiteResult): string =>
    `${processor}, ${cores} cores`;
  if (committed.busy) {
    process.stdout.write(`${result.suite}: what there is was measured on a busy machine: not compared\n`);
    return [];
  }
  if (machineOf(committed) !== machineOf(result)) {
    process.stdout.write(
      `${result.suite}: committed from ${machineOf(committed)}, here ${machineOf(result)}: not compared\n`,
    );
    return [];
  }
  return result.figures.flatMap(({ name, unit, better, median }) => {
    const before = committed.figures.find((figure) => figure.name === name && figure.unit === unit)?.median;
    if (before === undefined) return [];
    const worse = better === 'lower' ? median / before : before / median;
    if (worse <= COARSE_LIMIT) return [];
    const was = `${before} ${unit} at ${committed.commit}`;
    return [`${result.suite}, ${name}: ${median} ${unit} is ${worse.toFixed(1)} times as bad as ${was}`];
  });
}

async function measureOthersShare(): Promise<number> {
  const before = readTimes();
  await pause(WATCH_MS);
  const after = readTimes();
  return Math.max(0, 1 - (after.idle - before.idle) / (after.total - before.total));
}

function readTimes(): { idle: number; total: number } {
  const times = cpus().map((cpu) => cpu.times);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    total: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}
