// The harness of all benches. It refuses a busy machine (or marks the result), times variants in turn, compares results
// with their reference before it times anything, and writes the figures together with their machine and commit.
// bench/RESULTS.md is made from the files that it writes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const resultsFolder = join(root, 'bench', 'results');

/** Load of other programs, in busy cores, above which figures cannot be trusted. */
const BUSY_CORES = 0.5;

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly onnxruntime: string;
}

export interface Figure {
  readonly name: string;
  /** s, ms, MB, MB/s, tokens/s, … */
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly iterations: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** (max - min) / median */
  readonly spread: number;
  /** The limit that the figure has to meet; null where nothing was promised. */
  readonly limit: number | null;
  readonly note: string;
}

export interface SuiteResult {
  readonly suite: string;
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly threads: number;
  /** Load average before the start; `busy` marks figures taken while other programs used the machine. */
  readonly loadBefore: number;
  readonly busy: boolean;
  readonly figures: readonly Figure[];
}

export interface MeasureOptions<T> {
  /** Timed in turn: a, b, a, b, … */
  readonly variants: Readonly<Record<string, () => T | Promise<T>>>;
  readonly iterations: number;
  /** Untimed rounds before. Default 1. */
  readonly warmUp?: number;
  /** Checks each variant's result before anything is timed; throws when it is wrong. */
  readonly check?: (result: T, variant: string) => void;
  /** Converts seconds into the figure (such as a rate). Default: seconds. */
  readonly figure?: {
    readonly unit: string;
    readonly better: 'lower' | 'higher';
    readonly of: (seconds: number) => number;
  };
  readonly limit?: number;
  readonly note?: string;
}

export interface Suite {
  /** Times variants in turn and records a figure for each. */
  measure<T>(name: string, options: MeasureOptions<T>): Promise<Readonly<Record<string, Figure>>>;
  /** Records values that were measured in another way. */
  record(
    figure: Pick<Figure, 'name' | 'unit' | 'better'> & {
      values: readonly number[];
      limit?: number;
      note?: string;
    },
  ): Figure;
}

export interface SuiteOptions {
  readonly threads?: number;
  /** Measure although the machine is busy, and mark the result. Default: --allow-busy on the command line. */
  readonly allowBusy?: boolean;
  readonly say?: (line: string) => void;
}

/** Runs a suite and writes bench/results/NAME.json. */
export async function runSuite(
  name: string,
  body: (suite: Suite) => Promise<void>,
  options: SuiteOptions = {},
): Promise<SuiteResult> {
  const say = options.say ?? ((line: string) => console.error(line));
  const machine = readMachine();
  const loadBefore = loadavg()[0] ?? 0;
  const busy = loadBefore > BUSY_CORES;
  const allowBusy = options.allowBusy ?? process.argv.includes('--allow-busy');
  if (busy && !allowBusy) {
    throw new Error(
      `${name}: the machine is busy (load ${loadBefore.toFixed(2)}); wait, or mark the result with --allow-busy`,
    );
  }
  say(
    `${name}: ${machine.processor}, ${machine.cores} cores, Node ${machine.node}, load ${loadBefore.toFixed(2)}${busy ? ' (BUSY)' : ''}`,
  );
  const figures: Figure[] = [];
  const record: Suite['record'] = ({ values, limit, note, ...rest }) => {
    const figure = { ...rest, ...summarise(values), limit: limit ?? null, note: note ?? '' };
    figures.push(figure);
    say(`  ${formatFigure(figure)}`);
    return figure;
  };
  await body({
    record,
    measure: async (title, { variants, iterations, warmUp = 1, check, figure, limit, note }) => {
      const entries = Object.entries(variants);
      for (const [variant, run] of entries) {
        const result = await run();
        check?.(result, variant);
        for (let i = 1; i < warmUp; i++) await run();
      }
      const seconds = new Map(entries.map(([variant]): [string, number[]] => [variant, []]));
      for (let i = 0; i < iterations; i++) {
        for (const [variant, run] of entries) {
          const startMs = performance.now();
          await run();
          seconds.get(variant)?.push((performance.now() - startMs) / 1000);
        }
      }
      return Object.fromEntries(
        [...seconds].map(([variant, values]) => [
          variant,
          record({
            name: entries.length === 1 ? title : `${title}: ${variant}`,
            unit: figure?.unit ?? 's',
            better: figure?.better ?? 'lower',
            values: values.map((value) => figure?.of(value) ?? value),
            ...(limit === undefined ? {} : { limit }),
            ...(note === undefined ? {} : { note }),
          }),
        ]),
      );
    },
  });
  const result: SuiteResult = {
    suite: name,
    date: new Date().toISOString().slice(0, 10),
    commit: readCommit(),
    machine,
    threads: options.threads ?? machine.cores,
    loadBefore: Number(loadBefore.toFixed(2)),
    busy,
    figures,
  };
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(join(resultsFolder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** Figures that miss their limit. */
export function findExceeded(result: SuiteResult): Figure[] {
  return result.figures.filter(
    ({ limit, median, better }) => limit !== null && (better === 'lower' ? median > limit : median < limit),
  );
}

/** bench/RESULTS.md from the results of all suites. */
export function formatResultsPage(results: readonly SuiteResult[]): string {
  const sections = results.map(({ suite, date, commit, machine, threads, busy, figures }) =>
    [
      `## ${suite}`,
      '',
      `${date}, commit ${commit}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}, ${threads} threads${busy ? ', **on a busy machine**' : ''}`,
      '',
      '| what | median | min | max | unit | promised | note |',
      '| --- | ---: | ---: | ---: | --- | ---: | --- |',
      ...figures.map(
        (figure) =>
          `| ${figure.name} | ${round(figure.median)} | ${round(figure.min)} | ${round(figure.max)} | ${figure.unit} | ${figure.limit ?? ''} | ${figure.note} |`,
      ),
    ].join('\n'),
  );
  return `# Results\n\nMade by \`npm run bench\`; not edited by hand.\n\n${sections.join('\n\n')}\n`;
}

function summarise(
  values: readonly number[],
): Pick<Figure, 'iterations' | 'median' | 'min' | 'max' | 'spread'> {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number): number => sorted[i] ?? Number.NaN;
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  const [min, max] = [at(0), at(sorted.length - 1)];
  return { iterations: sorted.length, median, min, max, spread: (max - min) / median };
}

function formatFigure({ name, median, min, max, unit, limit, note }: Figure): string {
  const promised = limit === null ? '' : `, promised ${limit}`;
  return `${name}: ${round(median)} ${unit} (${round(min)} to ${round(max)}${promised})${note === '' ? '' : ` ${note}`}`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function readMachine(): Machine {
  const onnxruntime = JSON.parse(
    readFileSync(join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8'),
  ) as { version: string };
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    onnxruntime: onnxruntime.version,
  };
}

/** Short commit, with "+" if the working tree differs from it. */
function readCommit(): string {
  try {
    const run = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    return (
      run('rev-parse', '--short', 'HEAD') +
      (run('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+')
    );
  } catch {
    return 'unknown';
  }
}
