// Writes the part of docs/serving.md that lies between markers: the measured capacities, and an example of the formula. It
// needs only the files of the suite, so the page can be written again without measuring.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../src/foundation/core/atomic-file.ts';
import { formatDetails, loadDetails } from './details.ts';
import { resultsFolder, type SuiteResult } from './harness.ts';
import { repositoryRoot } from './sides.ts';

export const CAPACITY = 'capacity';
export const CAPACITY_COLUMNS = [
  'model',
  'precision',
  'tokens',
  'cores',
  'requests/s',
  'tokens/s and core',
  'alone: p50, ms',
  'full: p50, ms',
  'full: p99, ms',
  'memory, MB',
  'generator, cores',
] as const;

export interface CapacityRow {
  readonly model: string;
  readonly precision: string;
  readonly tokens: number;
  readonly cores: number;
  readonly rate: number;
  readonly memory: number;
}

const PAGE = join(repositoryRoot, 'docs/serving.md');
const [BEGIN, END] = ['<!-- capacity -->', '<!-- /capacity -->'];
const EXAMPLE = { model: 'compact', precision: 'int8', tokens: 256, rate: 50, utilisation: 0.6 };

/** Writes the table and the example into docs/serving.md; without measurements it writes nothing. */
export function writeCapacityPage(): void {
  const path = join(resultsFolder, `${CAPACITY}.json`);
  if (!existsSync(path)) return;
  const result = JSON.parse(readFileSync(path, 'utf8')) as SuiteResult;
  const details = loadDetails(CAPACITY);
  const rows = (details.tables[0]?.rows ?? []).map(
    ([model, precision, tokens, cores, rate, , , , , memory]): CapacityRow => ({
      model: String(model),
      precision: String(precision),
      tokens: Number(tokens),
      cores: Number(cores),
      rate: Number(rate),
      memory: Number(memory),
    }),
  );
  const { date, commit, machine, busy } = result;
  const head = `${date}, commit ${commit}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}${busy ? ', **on a busy machine: too low**' : ''}.`;
  const block = [BEGIN, head, '', formatDetails(details).trim(), '', explain(rows), END].join('\n');
  const text = readFileSync(PAGE, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${PAGE}: expected ${BEGIN} … ${END}`);
  writeFileAtomic(PAGE, `${text.slice(0, begin)}${block}${text.slice(end + END.length)}`);
}

/** An example of the formula in docs/serving.md with measured figures. */
export function explain(rows: readonly CapacityRow[]): string {
  const { model, precision, tokens, rate, utilisation } = EXAMPLE;
  const measured = rows
    .filter((row) => row.model === model && row.precision === precision && row.tokens === tokens)
    .sort((a, b) => a.cores - b.cores);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined) return '';
  const perCore = Math.min(...measured.map((row) => (row.rate * tokens) / row.cores));
  const exact = (rate * tokens) / (perCore * utilisation);
  const cores = Math.ceil(exact);
  const lines = [
    `**Example.** ${rate} articles a second of ${tokens} tokens, \`${model}\` in ${precision}, at ${100 * utilisation}% of what the cores can do:`,
    `cores = ${rate} x ${tokens} / (${round(perCore)} x ${utilisation}) = ${exact.toFixed(2)}, so ${cores}.`,
  ];
  if (last.cores > first.cores) {
    const each = Math.max(0, (last.memory - first.memory) / (last.cores - first.cores));
    const memory = first.memory + (cores - first.cores) * each;
    lines.push(
      `Memory: ${round(first.memory)} MB with ${first.cores} worker, ${round(each)} MB for each further one; ${cores} workers need ${round(memory)} MB,`,
      `and ${round(memory + cores * each)} MB while a new version is loaded beside the old one.`,
    );
  }
  return lines.join('\n');
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(2);
}
