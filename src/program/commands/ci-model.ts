// veracity ci model: the gates that a model version has to pass, and its promotion.
import { appError, resolveUserPath } from '../../foundation/core/index.ts';
import { checkVersion, readRegistryEvent } from '../../workflows/ci/index.ts';
import { answerCheck, REPORT_OPTION } from './ci-output.ts';
import type { Command, CommandInput } from './command.ts';

const DEFAULTS = { maxP95: 1000, predictions: 100 };

export const ciModelCommand: Command = {
  name: 'ci model',
  summary: 'check a model version: files, figures against production, latency; promote it',
  argumentsUsage: '[model]',
  options: [
    {
      flags: '--event <file>',
      description: 'take the version from an event of the registry, such as $GITHUB_EVENT_PATH',
    },
    { flags: '--promote', description: 'put it into production if it passes every gate' },
    {
      flags: '--max-p95 <ms>',
      description: `milliseconds that 95% of the predictions may take (default: ${DEFAULTS.maxP95})`,
    },
    {
      flags: '--predictions <count>',
      description: `predictions that are timed (default: ${DEFAULTS.predictions})`,
    },
    REPORT_OPTION,
  ],
  examples: [
    'veracity ci model sample@2 --max-p95 200 --out report.md',
    'veracity ci model --event "$GITHUB_EVENT_PATH" --promote',
  ],
  run: async (input, context) => {
    const { options } = input;
    const [model] = input.args;
    const { event } = options;
    if (input.args.length > 1 || (model === undefined) === (typeof event !== 'string'))
      throw usage('expected a model version or --event FILE, and not both');
    const reference = model ?? readRegistryEvent(resolveUserPath(context.workingDirectory, String(event)));
    const request = {
      reference,
      maxP95Ms: readNumber('--max-p95', options.maxP95, DEFAULTS.maxP95),
      predictions: readNumber('--predictions', options.predictions, DEFAULTS.predictions),
      promotes: options.promote === true,
    };
    if (!Number.isInteger(request.predictions)) throw usage('expected a whole number after --predictions');
    return answerCheck('ci model', await checkVersion(request, context), input, context);
  },
};

function readNumber(flag: string, value: CommandInput['options'][string], otherwise: number): number {
  const number = value === undefined ? otherwise : Number(value);
  if (!(number > 0 && Number.isFinite(number)))
    throw usage(`expected a number above 0 after ${flag}, got ${String(value)}`);
  return number;
}

function usage(problem: string): Error {
  return appError('USAGE', { where: 'ci model', problem, hint: 'For example: veracity ci model sample@2' });
}
