// veracity models promote: puts a version into a stage; into production only if it is not worse than what is there.
import { appError } from '../../foundation/core/index.ts';
import { type StageName, stageNames } from '../../foundation/records/index.ts';
import {
  formatGateResult,
  type PromotedModel,
  promoteModel,
  type ServedVersion,
} from '../../workflows/models/index.ts';
import type { Command, CommandInput } from './command.ts';
import { readModelArgument } from './model-argument.ts';

export const REASON_OPTION = {
  flags: '--reason <text>',
  description: 'why; models show prints it with the history',
} as const;

export const modelsPromoteCommand: Command = {
  name: 'models promote',
  summary: 'put a version into production (or staging), unless it is worse than what is there',
  argumentsUsage: '<name@version>',
  options: [
    {
      flags: '--stage <stage>',
      description: 'staging or production (default production)',
      values: ['staging', 'production'],
    },
    {
      flags: '--force',
      description: 'promote even if the version is worse or cannot be compared; the history notes it',
    },
    {
      flags: '--default',
      description: 'make it the default: the model that is used when none is named',
    },
    { flags: '--no-default', description: 'keep the current default' },
    REASON_OPTION,
  ],
  examples: [
    'veracity models promote sample@2',
    'veracity models promote sample@3 --stage staging',
    'veracity models promote sample@4 --reason "fewer complaints in the trial"',
  ],
  run: async (input, context) => {
    const reference = readModelArgument('models promote', input);
    if (!reference.includes('@')) {
      throw usage(
        `expected NAME@VERSION, got ${reference}`,
        `For example: veracity models promote ${reference}@latest`,
      );
    }
    const stage = readStage(input.options.stage);
    const force = input.options.force === true;
    const { default: isDefault } = input.options;
    if (stage === 'staging' && isDefault !== undefined) {
      throw usage(
        'expected --default or --no-default only with --stage production, got --stage staging',
        `A version in staging is used where it is named: ${reference.split('@')[0]}@staging`,
      );
    }
    const options = {
      ...{ stage, force, isDefault: typeof isDefault === 'boolean' ? isDefault : undefined },
      ...readReason(input),
    };
    const promotion = await promoteModel(reference, options, context);
    return { json: promotion, text: formatPromotion(promotion) };
  },
};

/** Why a stage changes, for the history. */
export function readReason({ options }: CommandInput): { readonly reason?: string } {
  const reason = typeof options.reason === 'string' ? options.reason.trim() : '';
  return reason === '' ? {} : { reason };
}

/** @throws USAGE */
function readStage(value: CommandInput['options'][string]): StageName {
  const stage = stageNames.find((name) => name === (value ?? 'production'));
  if (stage === undefined)
    throw usage(`expected --stage ${stageNames.join(' or ')}, got ${value}`, 'Leave it out for production.');
  return stage;
}

function usage(problem: string, hint: string): Error {
  return appError('USAGE', { where: 'models promote', problem, hint });
}

/** Says which version is in the stage now, what the gate compared, and which version is used from now on. */
export function formatPromotion({ event, previous, gate, served, needsRestart }: PromotedModel): string {
  const { model, version, stage } = event;
  const before = previous === null || previous === version ? '' : ` (before: ${model}@${previous})`;
  const lines = [`${model}@${version} is in ${stage}${before}`];
  if (gate !== null)
    lines.push(
      `${event.forced ? 'forced although: ' : 'compared: '}${formatGateResult(gate).replace(/^(?:but|got) /, '')}`,
    );
  if (served !== null) lines.push(formatServed(served));
  if (served?.reference !== `${model}@${version}`)
    lines.push(
      `to use ${model}@${version}, name it: ${stage === 'production' ? model : `${model}@${stage}`}`,
    );
  if (needsRestart)
    lines.push(
      `its classes, or their order, are not those of ${model}@${previous}: a running server keeps ${model}@${previous} until it is restarted`,
    );
  return lines.join('\n');
}

/** Says which version is used where no model is named. */
export function formatServed({ reference, copy }: ServedVersion): string {
  const int8 = copy === null ? '' : `; serve takes its int8 copy ${copy} (serve.precision=auto)`;
  return `default: serve, predict and loadClassifier use ${reference} when no model is named${int8}`;
}
