// The whole chain once on the bundled sample, then a server with the page. A later start serves the model that the
// first one registered; an interrupted training is resumed.
import { assertAddressFree } from '../../serving/app/index.ts';
import { loadTrainConfig, type ServeConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { findKeys, serveUntilStopped } from '../serve/index.ts';
import type { TrainingOutcome } from '../train/index.ts';

const MODEL_NAME = 'demo';

export type DemoOutcome =
  | { readonly status: 'served'; readonly url: string }
  | { readonly status: 'training stopped'; readonly training: StoppedTraining };

type StoppedTraining = Extract<TrainingOutcome, { status: 'stopped' }>;

/**
 * Trains the demo model unless it is registered already, then serves it until the signal is aborted.
 * @param config  how to serve; its model is replaced by the demo's
 * @throws KEYS_MISSING and PORT_IN_USE before training, and what training and serving throw
 */
export async function runDemo(config: ServeConfig, context: WorkflowContext): Promise<DemoOutcome> {
  if (await hasModel(context)) {
    const { models, root } = context.home;
    context.say(`using the model ${MODEL_NAME} of ${models}; delete ${root} to start over`);
  } else {
    // Whatever would stop the server later is reported before the training.
    findKeys(config, context);
    await assertAddressFree(config.serve.host, config.serve.port);
    const outcome = await trainDemo(context);
    if (outcome.status === 'stopped') return { status: 'training stopped', training: outcome };
  }
  const serve = { ...config.serve, model: MODEL_NAME };
  const { url } = await serveUntilStopped({ ...config, serve }, context);
  return { status: 'served', url };
}

async function hasModel({ stores }: WorkflowContext): Promise<boolean> {
  return (await stores.registry.list({ name: MODEL_NAME })).models.length > 0;
}

async function trainDemo(context: WorkflowContext): Promise<TrainingOutcome> {
  context.say('the bundled sample is synthetic: its articles, outlets and people are invented');
  const unfinished = await findUnfinishedRun(context);
  const overrides =
    unfinished === null ? ['experiment=demo', `register=${MODEL_NAME}`] : [`resume=${unfinished}`];
  const request = loadTrainConfig(overrides, context);
  const { runTraining } = await import('../train/index.ts'); // a later start does not need it
  return runTraining(request, context);
}

/** The newest run of the demo that can be resumed. */
async function findUnfinishedRun({ stores }: WorkflowContext): Promise<string | null> {
  for (const { id, status } of (await stores.runs.list()).runs) {
    if (status !== 'stopped' && status !== 'interrupted') continue;
    if ((await stores.runs.load(id)).config.register === MODEL_NAME) return id;
  }
  return null;
}
