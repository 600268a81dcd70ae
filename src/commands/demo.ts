// veracity demo, which is what `npm start` runs: the whole chain once on the bundled sample, then a server with the
// page. A second start serves the model that the first one registered; one that was interrupted goes on.
import { loadServeConfig, loadTrainConfig } from '../config/index.ts';
import { EXIT_STOPPED } from '../core/errors.ts';
import { createRegistry } from '../registry/registry.ts';
import { assertAddressFree } from '../serve/server.ts';
import { createRunStore } from '../track/run-store.ts';
import type { Command, CommandContext, CommandResult } from './command.ts';
import { findKeys, listServeOverrides, SERVE_OPTIONS, serveUntilStopped } from './serving.ts';

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
    return serveUntilStopped(config, context);
  },
};

function hasModel({ home, clock }: CommandContext): boolean {
  return createRegistry(home, clock).list({ name: MODEL_NAME }).length > 0;
}

/** @returns null when the model is registered, else what to tell of a training that was stopped */
async function trainDemo(context: CommandContext): Promise<CommandResult | null> {
  context.say('the bundled sample is synthetic: its articles, outlets and people are invented');
  const unfinished = findUnfinishedRun(context);
  const overrides =
    unfinished === null ? ['experiment=demo', `register=${MODEL_NAME}`] : [`resume=${unfinished}`];
  const request = loadTrainConfig(overrides, { workingDirectory: context.workingDirectory });
  const { runTraining } = await import('./training.ts'); // a second start needs none of it
  const outcome = await runTraining(request, context);
  if (outcome.status === 'finished') return null;
  const text = `stopped at step ${outcome.steps}; \`veracity demo\` goes on from there`;
  return { json: outcome, text, exitCode: EXIT_STOPPED };
}

function findUnfinishedRun({ home, clock }: CommandContext): string | null {
  const store = createRunStore(home, clock);
  const found = store
    .list()
    .find(
      ({ id, status }) =>
        (status === 'stopped' || status === 'interrupted') && store.load(id).config.register === MODEL_NAME,
    );
  return found?.id ?? null;
}
