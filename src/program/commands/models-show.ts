// veracity models show: one version's model card and history, after checking its files against their digests.
import { showModel } from '../../workflows/models/index.ts';
import type { Command } from './command.ts';
import { readModelArgument } from './model-argument.ts';
import { buildModelDocument } from './models-list.ts';

export const modelsShowCommand: Command = {
  name: 'models show',
  summary: "show a version's model card, files and history; checks its files",
  argumentsUsage: '<model>',
  options: [],
  examples: ['veracity models show sample', 'veracity models show sample@1 --json'],
  run: async (input, context) => {
    const { model, card, history } = await showModel(readModelArgument('models show', input), context);
    const events = history.map(
      (event) =>
        `${event.createdAt}  ${event.action} ${event.model}@${event.version} to ${event.stage}${event.forced ? ', forced' : ''}${event.note === '' ? '' : `: ${event.note}`}${event.reason === undefined ? '' : ` (reason: ${event.reason})`}`,
    );
    return {
      json: {
        ...buildModelDocument(model),
        calibration: model.info.calibration,
        columns: model.info.columns ?? null,
        files: model.record.files,
        history,
      },
      text: [
        card.replace(/^---\n.*?\n---\n+/s, '').trimEnd(),
        `## Files\n\n${model.location}\n${model.record.files.length} files as registered, digest ${model.record.digest.slice(0, 12)}…`,
        `## Stages\n\n${events.length === 0 ? 'in no stage so far' : events.join('\n')}`,
      ].join('\n\n'),
    };
  },
};
