// Runs the training loop of one run, from its newest checkpoint or the start. Every event is shown and recorded.
import { invariant } from '../../foundation/core/index.ts';
import type { Moment } from '../../keeping/runs/index.ts';
import type { TrainEvent } from '../../learning/train/index.ts';
import { openCheckpoints, type TrainModelOptions, trainModel } from '../../learning/train/index.ts';
import { buildDatasetWarningAnswer } from '../prepare/index.ts';
import { recordPlace } from './recorded-machine.ts';
import { startSystemSamples } from './system-samples.ts';
import { createTrainingDisplay } from './training-display.ts';
import { digestTraining, type TrainingJob } from './training-job.ts';
import { keepStart, keepTrainEvent, momentOf } from './training-run.ts';

export type TrainingEnd = Extract<TrainEvent, { type: 'done' }>;

/**
 * Trains until the plan is done or the signal is aborted.
 * @param onStep  receives the number of steps done, also before the first
 * @throws what trainModel and the checkpoints throw
 */
export async function runTrainingSteps(
  job: TrainingJob,
  onStep: (step: number) => void,
): Promise<TrainingEnd> {
  const { config, changed, inputs, run, writer, files, context, stops, lastStep, profiler } = job;
  const { tracking } = config;
  const checkpoints = openCheckpoints(files.checkpoints);
  const resumeFrom = await checkpoints.loadNewest(context.warn);
  const doneBefore = resumeFrom?.record.step ?? 0;
  onStep(doneBefore);
  if ((await context.stores.runs.loadEvents(run.id)).length > 0) {
    await writer.rewind(doneBefore);
    const from =
      resumeFrom === null
        ? 'the start (it has no checkpoint yet)'
        : `step ${doneBefore} (${resumeFrom.path})`;
    context.say(`resuming ${run.id} from ${from}`);
  } else {
    const { warnings } = buildDatasetWarningAnswer(inputs.manifest.warnings);
    keepStart(writer, { configYaml: job.configYaml, warnings, train: inputs.train });
  }
  await writer.append({
    type: 'started',
    process: process.pid,
    resumedAtStep: doneBefore,
    place: await recordPlace(),
    ...(Object.keys(changed).length === 0 ? {} : { changed: { ...changed } }),
  });
  const display = createTrainingDisplay(context, { doneBefore, logEvery: tracking.log_every });
  let moment: Moment | undefined;
  const endSamples = startSystemSamples(tracking.system_every_s, context.clock, (values) => {
    if (moment !== undefined) writer.record({ ...moment, values });
  });
  let end: TrainingEnd | undefined;
  try {
    const options = buildLoopOptions(job, checkpoints, resumeFrom, display.showEvaluation);
    for await (const event of trainModel(options)) {
      if (event.type === 'step') {
        onStep(event.step);
        if (lastStep !== null && event.step > lastStep) stops.stop('the end of the repeated run');
      }
      if (event.type === 'step' || event.type === 'eval') moment = momentOf(event);
      if (event.type === 'done') end = event;
      await keepTrainEvent(writer, files, event, tracking.log_every);
      await profiler.endTrace(job.learner);
      display.show(event);
      if (event.type === 'eval') await job.trial?.onEvaluation(event);
    }
  } finally {
    endSamples();
    display.stop();
  }
  invariant(end !== undefined, 'training ended without saying so');
  return end;
}

/** What the loop is asked for by the configuration. */
function buildLoopOptions(
  { config, inputs, learner, run, writer, context, profiler }: TrainingJob,
  checkpoints: TrainModelOptions['checkpoints'],
  resumeFrom: TrainModelOptions['resumeFrom'],
  onEvaluation: NonNullable<TrainModelOptions['onEvaluation']>,
): TrainModelOptions {
  const { train: loop } = config;
  return {
    learner,
    train: inputs.train,
    validation: inputs.validation,
    padId: inputs.encoder.padId,
    classes: inputs.manifest.classNames.length,
    plan: {
      seed: config.seed,
      epochs: loop.epochs,
      maxSteps: loop.max_steps,
      batchSize: loop.batch_size,
      maxTokens: loop.max_tokens,
      accumulate: loop.accumulate,
      limitTrainBatches: loop.limit_train_batches,
    },
    learningRate: config.optimizer.lr,
    schedule: config.schedule,
    evalEvery: loop.eval_every,
    checkpointEvery: loop.checkpoint_every,
    keepBest: loop.keep_best,
    patience: loop.patience,
    checkpoints: {
      ...checkpoints,
      // What led to a checkpoint is written before it, so that a resumed curve has no gap.
      save: async (...state) => {
        await writer.flush();
        return checkpoints.save(...state);
      },
    },
    resumeFrom,
    runId: run.id,
    configDigest: digestTraining(config, inputs),
    signal: context.signal,
    clock: context.clock,
    onEvaluation,
    ...(profiler.onTiming === undefined ? {} : { onTiming: profiler.onTiming }),
  };
}
