// veracity sweep: searches for the best settings of a training. Also what --multirun does.
import { appError, EXIT_REFUSED, EXIT_STOPPED, formatDuration } from '../../foundation/core/index.ts';
import {
  formatOverrides,
  loadSweepRequest,
  resumeSweep,
  type SweepOptions,
  type SweepOutcome,
  startSweep,
} from '../../workflows/sweep/index.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';
import { formatTrialTable } from './sweep-show.ts';

/** Options of a sweep, for `sweep` and for `train --multirun`. */
export const sweepFlags: Command['options'] = [
  {
    flags: '--parallel <trials>',
    description: 'trials at the same time; the threads are divided among them',
  },
  { flags: '--repeat <seeds>', description: 'try the best few again with so many other seeds each' },
];

export const sweepCommand: Command = {
  name: 'sweep',
  summary: 'search for the best settings of a training',
  argumentsUsage: '[FILE.yaml] [overrides...]',
  options: [
    { flags: '--resume <sweep>', description: 'go on with a sweep that was stopped or killed' },
    ...sweepFlags,
  ],
  examples: [
    'veracity sweep sweep=learning-rate model=linear',
    'veracity sweep sweep.yaml data=isot data.path=FOLDER --parallel 2',
    "veracity sweep sweep.method=tpe sweep.budget.trials=20 'optimizer.lr=interval(1e-4,1e-2)' train.batch_size=16,32",
    'veracity sweep --resume sweep-20260101-000000-abcd',
    'veracity sweep list',
  ],
  run: async (input, context) => {
    const { args, options } = input;
    const sweepOptions = readSweepOptions(input);
    const id = options.resume;
    if (typeof id !== 'string')
      return formatOutcome(
        await startSweep(loadSweepRequest(args, { isMultirun: false }, context), sweepOptions, context),
      );
    if (args.length > 0)
      throw appError('USAGE', {
        where: 'sweep',
        problem: `expected no overrides beside --resume, got ${args.join(' ')}`,
        hint: 'A resumed sweep goes on with its own settings; --parallel and --repeat may be changed.',
      });
    return formatOutcome(await resumeSweep(id, sweepOptions, context));
  },
};

/** What --multirun runs: every combination of the values, in order. */
export async function runMultirun(
  input: CommandInput,
  context: Parameters<Command['run']>[1],
): Promise<CommandResult> {
  const request = loadSweepRequest(input.args, { isMultirun: true }, context);
  return formatOutcome(await startSweep(request, readSweepOptions(input), context));
}

/** @throws USAGE */
function readSweepOptions({ options }: CommandInput): SweepOptions {
  const read = (name: 'parallel' | 'repeat', least: number): number | undefined => {
    const text = options[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (typeof text === 'string' && Number.isInteger(value) && value >= least && value <= 1024) return value;
    throw appError('USAGE', {
      where: 'sweep',
      problem: `expected --${name} to be a whole number from ${least} to 1024, got ${text}`,
      hint: 'See: veracity sweep --help',
    });
  };
  const parallel = read('parallel', 1);
  const repeatSeeds = read('repeat', 0);
  return { ...(parallel !== undefined && { parallel }), ...(repeatSeeds !== undefined && { repeatSeeds }) };
}

function formatOutcome({ status, summary, trials, best, modelVersion, resume }: SweepOutcome): CommandResult {
  const { sweep, counts, seconds, reason } = summary;
  const { definition } = sweep;
  const json = {
    status,
    sweepId: sweep.id,
    reason,
    method: definition.method,
    metric: definition.metric,
    counts,
    seconds,
    best,
    modelVersion,
    trials,
    resume,
  };
  const lines = [formatTrialTable(trials, definition), ''];
  if (best !== null) {
    lines.push(
      `best     trial ${best.number}: ${definition.metric.name} ${best.value!.toFixed(4)}`,
      `         ${formatOverrides(best.parameters)}`,
      `run      ${best.runId}`,
      ...(modelVersion === null ? [] : [`model    ${modelVersion}`]),
    );
  }
  const ended = counts.finished + counts.stopped + counts.failed;
  lines.push(
    `sweep    ${sweep.id}: ${ended} trials in ${formatDuration(seconds)}${reason === null ? '' : ` (${reason})`}`,
  );
  if (resume !== null) lines.push(`stopped; go on with: ${resume}`);
  const failure =
    status === 'finished' && best === null ? trials.find((trial) => trial.failure !== null) : undefined;
  if (failure !== undefined)
    lines.push(`no trial has a result; trial ${failure.number}: ${failure.failure?.message}`);
  const exitCode = status === 'stopped' ? EXIT_STOPPED : best === null ? EXIT_REFUSED : 0;
  return { json, text: lines.join('\n'), exitCode };
}
