// veracity runs reproduce: verifies what a run was made of, trains it again and compares every recorded value.
import { appError, EXIT_REFUSED, EXIT_STOPPED } from '../../foundation/core/index.ts';
import {
  type Reproduction,
  type ReproductionCheck,
  type ReproductionPart,
  reproduceRun,
  TOLERANCE,
  type ValueDifference,
} from '../../workflows/reproduce/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const runsReproduceCommand: Command = {
  name: 'runs reproduce',
  summary: 'train a run again as a new run, and compare both to the last bit',
  argumentsUsage: '<run>',
  options: [{ flags: '--check', description: 'only verify what the run was made of; train nothing' }],
  examples: [
    'veracity runs reproduce run-20260101-000000-abcd',
    'veracity runs reproduce run-20260101-000000-abcd --check',
  ],
  run: async ({ args, options }, context) => {
    const [id, ...rest] = args;
    if (id === undefined || rest.length > 0) {
      const problem = `expected one run id, got ${args.length}`;
      throw appError('USAGE', {
        where: 'runs reproduce',
        problem,
        hint: 'List the ids with: veracity runs list',
      });
    }
    const reproduction = await reproduceRun(id, { checkOnly: options.check === true }, context);
    const exitCode = exitCodeOf(reproduction);
    return {
      json: { ...reproduction, tolerance: TOLERANCE },
      text: formatReproduction(reproduction),
      ...(exitCode === 0 ? {} : { exitCode }),
    };
  },
};

function exitCodeOf({ outcome, isAsItWas }: Reproduction): number {
  if (outcome === 'stopped') return EXIT_STOPPED;
  if (outcome === 'verified') return isAsItWas ? 0 : EXIT_REFUSED;
  return outcome === 'identical' || outcome === 'within tolerance' ? 0 : EXIT_REFUSED;
}

function formatReproduction(reproduction: Reproduction): string {
  const { checks } = reproduction;
  const rows = checks.map(({ part, status, before, after }) => [
    part,
    status,
    shorten(before),
    status === 'equal' ? '' : shorten(after),
  ]);
  // Where every bit is the same, the parts that differ do not matter.
  const advised = reproduction.outcome === 'identical' ? [] : checks;
  const advice = advised.flatMap((check) => formatAdvice(check, reproduction.run) ?? []);
  return [
    formatTable(['part', '', 'then', 'now'], rows),
    ...(advice.length === 0 ? [] : [advice.join('\n')]),
    formatOutcome(reproduction),
  ].join('\n\n');
}

const MOST_CHARACTERS = 60;

function shorten(text: string | null): string {
  if (text === null) return '-';
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}

/** What to do about a part; undefined: nothing. */
function formatAdvice(
  { part, role, status, before, after }: ReproductionCheck,
  run: string,
): string | undefined {
  if (status === 'missing') return `${part}: ${MISSING[part]?.(before, after) ?? `needed, but ${after}`}`;
  if (status !== 'differs' || role === 'information') return undefined;
  const words = DIFFERING[part]?.(before, run);
  return words === undefined ? undefined : `${part}: ${words}`;
}

type Advice = (before: string | null, after: string | null) => string;

const MISSING: Partial<Record<ReproductionPart, Advice>> = {
  dataset: (before, after) =>
    `${after}. Prepare ${before} again from the same raw files (veracity data prepare with the settings of the run), or restore its files`,
  'pretrained model': (before, after) =>
    `${after}. The run started from weights with sha256 ${before}; put these back under the same name`,
  teacher: (before, after) => `${after}. The run learned from a model with digest ${before ?? 'unknown'}`,
  device: (before, after) => `${after}. The run was trained on ${before ?? 'another device'}`,
};

const DIFFERING: Partial<Record<ReproductionPart, (before: string | null, run: string) => string>> = {
  configuration: () =>
    'this program reads the stored configuration otherwise; train with the program of that commit',
  program: () => 'the code is another build; equal results show that the difference does not matter',
  commit: (before) => `to have the same code: git checkout ${before}`,
  changes: (_, run) =>
    `the uncommitted changes are others; those of the run are kept as a patch: veracity runs show ${run} --json, run.code.changes.diff`,
  veracity: (before) => `install version ${before}`,
  node: (before) => `install Node ${before}`,
  onnxruntime: (before) => `install onnxruntime-node ${before}`,
  kernels: () => 'the native library is another file; install the same version from the npm registry',
  libc: (before) => `its functions may round otherwise; the run had ${before}`,
  'machine kind': () =>
    'other instruction sets sum in another order: near values are expected, not the same bits',
  threads: (before) => `the run had ${before}`,
  variables: (before) => `set them as they were: ${before}`,
  resumes: () => 'parts of the run were trained on another machine or program: near values are expected',
};

function formatOutcome(reproduction: Reproduction): string {
  const { run, outcome, reproduction: made, comparison, isAsItWas, expectsSameBits } = reproduction;
  switch (outcome) {
    case 'verified':
      return isAsItWas
        ? `${run} can be trained again; ${expectsSameBits ? 'the same bits are expected' : 'near values are expected'}`
        : `${run} can be trained again, but not everything is as it was`;
    case 'impossible':
      return `${run} cannot be trained again: see above. Nothing was trained`;
    case 'stopped':
      return `stopped; ${made} is not compared`;
    default:
      break;
  }
  if (comparison === null) return '';
  const { values, metrics, first, worst, weights, different } = comparison;
  const until =
    reproduction.lastStep === null ? '' : ` up to step ${reproduction.lastStep}, where the run ended`;
  const lines = [
    `${run} was trained again as ${made}: ${values} values of ${metrics.length} metrics compared${until}`,
  ];
  if (weights !== null)
    lines.push(
      weights.before === weights.after
        ? `model.safetensors is the same: sha256 ${weights.before.slice(0, 16)}`
        : `model.safetensors differs: sha256 ${weights.before.slice(0, 16)} then, ${weights.after?.slice(0, 16) ?? 'none'} now`,
    );
  if (outcome === 'identical') return [...lines, 'reproduced bit for bit'].join('\n');
  if (first !== null) lines.push(`${different} values differ; the first: ${formatDifference(first)}`);
  if (worst !== null && worst.difference !== first)
    lines.push(`the largest, as a share of the tolerance: ${formatDifference(worst.difference)}`);
  lines.push(formatTolerance(reproduction));
  if (reproduction.likelyCauses.length > 0)
    lines.push(`most likely because of: ${formatCauses(reproduction)}`);
  else lines.push('nothing that was recorded explains it; please report it');
  return lines.join('\n');
}

const TOLERATED = `losses: ${TOLERANCE.loss.perStep} of the value for each step, at most ${100 * TOLERANCE.loss.most}%; shares such as accuracy: ${TOLERANCE.share}`;

function formatTolerance({ outcome, comparison, expectsSameBits }: Reproduction): string {
  if (outcome === 'within tolerance')
    return `reproduced within the tolerance between other kernels or kinds of machine (${TOLERATED})`;
  const near = comparison?.isWithinTolerance ? 'near values (within the tolerance)' : 'other values';
  return expectsSameBits
    ? `not reproduced: ${near}, where the same bits are expected`
    : `not reproduced: the values differ by more than the tolerance (${TOLERATED})`;
}

function formatCauses({ likelyCauses, checks }: Reproduction): string {
  const isUnknown = checks.every(({ status, role }) => status !== 'differs' || role === 'information');
  return `${likelyCauses.join(', ')}${isUnknown ? ' (not recorded by the run)' : ''}`;
}

function formatDifference({ step, metric, before, after }: ValueDifference): string {
  const where = step === null ? 'after training' : `step ${step}`;
  return `${where}, ${metric}: ${before} then, ${after ?? 'none'} now`;
}
