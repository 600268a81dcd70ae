// veracity models promote: puts a version into a stage; into production only if it is not worse than what is there.
import { appError } from '../../foundation/core/index.ts';
import { type StageName, stageNames } from '../../foundation/records/index.ts';
import { formatGateResult, type Promotion, promoteModel } from '../../workflows/models/index.ts';
import type { Command, CommandInput } from './command.ts';
import { readModelArgument } from './model-argument.ts';

export const modelsPromoteCommand: Command = {
  name: 'models promote',
  summary: 'put a version into production (or staging), unless it is worse than what is there',
  argumentsUsage: '<name@version>',
  options: [
    { flags: '--stage <stage>', description: 'staging or production (default production)' },
    {
      flags: '--force',
      description: 'promote even if the version is worse or cannot be compared; the history notes it',
    },
  ],
  examples: ['veracity models promote compact@2', 'veracity models promote compact@3 --stage staging'],
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
    const promotion = await promoteModel(reference, { stage, force }, context);
    return { json: promotion, text: formatPromotion(promotion) };
  },
};

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

/** Says which version is in the stage now, and what the gate compared. */
export function formatPromotion({ event, previous, gate }: Promotion): string {
  const before =
    previous === null || previous === event.version ? '' : ` (before: ${event.model}@${previous})`;
  const lines = [`${event.model}@${event.version} is in ${event.stage}${before}`];
  if (gate !== null)
    lines.push(`${event.forced ? 'forced although: ' : 'compared: '}${formatGateResult(gate)}`);
  return lines.join('\n');
}
