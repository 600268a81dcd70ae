// veracity translate: says what the settings of another trainer are called here, and prints the command to type.
import { resolve } from 'node:path';
import { readSettings } from '../../foundation/config/index.ts';
import { appError } from '../../foundation/core/index.ts';
import {
  loadTrainConfig,
  readArguments,
  type Translation,
  translateSettings,
} from '../../workflows/configuration/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

/** The experiment with the predecessor's settings, which the translated ones change. */
const BASE = 'experiment=predecessor';

export const translateCommand: Command = {
  name: 'translate',
  summary: "translate another trainer's settings (YAML files, arguments) into overrides; runs nothing",
  argumentsUsage: '[files-and-arguments...]',
  options: [],
  examples: [
    'veracity translate config.yaml',
    'veracity translate config.yaml fast_dev.yaml -- --lr 3e-5 --batch-size 32',
  ],
  run: async ({ args }, context) => {
    const files = args.filter((arg) => /\.ya?ml$/i.test(arg));
    const others = args.filter((arg) => !files.includes(arg));
    if (args.length === 0) {
      throw appError('USAGE', {
        where: 'translate',
        problem: 'expected YAML files or arguments of another trainer, got none',
        hint: 'For example: veracity translate config.yaml -- --lr 3e-5',
      });
    }
    const settings = [
      ...files.flatMap((file) => readSettings(resolve(context.workingDirectory, file), file)),
      ...readArguments(others),
    ];
    const translation = translateSettings(settings, context);
    const overrides = translation.overrides.map(({ ours }) => ours);
    const path = overrides.some((text) => text.startsWith('data.path=')) ? [] : ['data.path=FOLDER'];
    loadTrainConfig([BASE, ...path, ...overrides], context); // what was translated must be accepted
    const command = formatCommand([BASE, ...path, ...overrides]);
    return { json: { command, ...translation }, text: formatTranslation(command, translation) };
  },
};

function formatCommand(overrides: readonly string[]): string {
  const texts = overrides.map((text) =>
    /[^\w./=,:~@-]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text,
  );
  return ['veracity train', ...texts].join(' ');
}

function formatTranslation(command: string, { overrides, unused, unknown }: Translation): string {
  const parts = [command];
  if (overrides.length > 0)
    parts.push(
      formatTable(
        ['here', 'there', 'from'],
        overrides.map(({ ours, theirs, from }) => [ours, theirs, from]),
      ),
    );
  if (unused.length > 0)
    parts.push(
      formatTable(
        ['not needed', 'because', 'from'],
        unused.map(({ theirs, why, from }) => [theirs, why, from]),
      ),
    );
  if (unknown.length > 0)
    parts.push(
      formatTable(
        ['not known', 'did it mean', 'from'],
        unknown.map(({ theirs, closest, from }) => [theirs, closest ?? '-', from]),
      ),
    );
  return parts.join('\n\n');
}
