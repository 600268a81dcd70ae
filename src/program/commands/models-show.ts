// veracity models show: one version's model card and history, after its files were held against their digests.

import { buildModelCard, createRegistry } from '../../keeping/registry/index.ts';
import type { Command } from './command.ts';
import { readModelArgument } from './model-argument.ts';
import { describeModel } from './models-list.ts';

export const modelsShow: Command = {
  name: 'models show',
  summary: "show a version's model card, files and history; checks its files",
  argumentsUsage: '<model>',
  options: [],
  examples: ['veracity models show compact', 'veracity models show compact@1 --json'],
  run: async (input, { home, clock }) => {
    const registry = createRegistry(home, clock);
    const model = await registry.load(readModelArgument('models show', input));
    const history = registry.history(model.name);
    const events = history.map(
      (event) =>
        `${event.createdAt}  ${event.action} ${event.model}@${event.version} to ${event.stage}${event.forced ? ', forced' : ''}${event.note === '' ? '' : `: ${event.note}`}`,
    );
    // Built anew: evaluations made after registering belong on what people read.
    const card = buildModelCard({ ...model.record, evaluations: [...model.evaluations] }, model.info);
    return {
      json: {
        ...describeModel(model),
        calibration: model.info.calibration,
        files: model.record.files,
        history,
      },
      text: [
        card.replace(/^---\n.*?\n---\n+/s, '').trimEnd(),
        `## Files\n\n${model.folder}\n${model.record.files.length} files as registered, digest ${model.record.digest.slice(0, 12)}…`,
        `## Stages\n\n${events.length === 0 ? 'never in a stage' : events.join('\n')}`,
      ].join('\n\n'),
    };
  },
};
