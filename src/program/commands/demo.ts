// veracity demo, which is what `npm start` runs: the whole chain once on the bundled sample, then a server with the
// page. A second start serves the model that the first one registered; one that was interrupted goes on.

import { EXIT_STOPPED } from '../../foundation/core/index.ts';
import { createRegistry } from '../../keeping/registry/index.ts';
import { createRunStore } from '../../keeping/runs/index.ts';
import { assertAddressFree } from '../../serving/app/index.ts';
import { loadServeConfig, loadTrainConfig } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { findKeys, serveUntilStopped } from '../../workflows/serve/index.ts';
import type { Command, CommandResult } from './command.ts';
import { formatStopped, listServeOverrides, SERVE_OPTIONS } from './serve-options.ts';

const MODEL_NAME = 'demo';

export const demo: Command = {
  name: 'demo',
  summary: 'train on the bundled sample, then serve the result with the web page',
  argumentsUsage: '[overrides...]',
  options: SERVE_OPTIONS,
  examples: ['veracity demo', 'veracity demo --port 8080'],
  listOverrides: listServeOverrides,
  run: async (input, context) => {
    const { config } = loadServeConfig([...listServeOverrides(input), `serve.model=${MODEL_NAME}`], {
      workingDirectory: context.workingDirectory,
    });
    if (!hasModel(context)) {
      findKeys(config, context); // what would stop the server is said before the training, not after
      await assertAddressFree(config.serve.host, config.serve.port);
      const stopped = await trainDemo(context);
      if (stopped !== null) return stopped;
    } else {
      context.say(
        `using the model ${MODEL_NAME} of ${context.home.models}; delete ${context.home.root} to start over`,
      );
    }
    return formatStopped(await serveUntilStopped(config, context));
  },
};

function hasModel({ home, clock }: WorkflowContext): boolean {
  return createRegistry(home, clock).list({ name: MODEL_NAME }).length > 0;
}

/** @returns null when the model is registered, else what to tell of a training that was stopped */
async function trainDemo(context: WorkflowContext): Promise<CommandResult | null> {
  context.say('the bundled sample is synthetic: its articles, outlets and people are invented');
  const unfinished = findUnfinishedRun(context);
  const overrides =
    unfinished === null ? ['experiment=demo', `register=${MODEL_NAME}`] : [`resume=${unfinished}`];
  const request = loadTrainConfig(overrides, { workingDirectory: context.workingDirectory });
  const { runTraining } = await import('../../workflows/train/index.ts'); // a second start needs none of it
  const outcome = await runTraining(request, context);
  if (outcome.status === 'finished') return null;
  const text = `stopped at step ${outcome.steps}; \`veracity demo\` goes on from there`;
  return { json: outcome, text, exitCode: EXIT_STOPPED };
}

function findUnfinishedRun({ home, clock }: WorkflowContext): string | null {
  const store = createRunStore(home, clock);
  const found = store
    .list()
    .find(
      ({ id, status }) =>
        (status === 'stopped' || status === 'interrupted') && store.load(id).config.register === MODEL_NAME,
    );
  return found?.id ?? null;
}
