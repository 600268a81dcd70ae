// Training for programs that import Veracity: the same chain as `veracity train`, without the command line around it.

import { silentLogger, silentProgress, systemClock } from '../../foundation/core/index.ts';
import { locateHome } from '../../foundation/records/index.ts';
import { createStores } from '../context/index.ts';
import { runTraining, type TrainingOutcome } from './training.ts';
import { loadTrainingRequest } from './training-request.ts';

export interface TrainOptions {
  /** Folder of the home; default VERACITY_HOME, else .veracity in the working directory. */
  readonly home?: string;
  /** Where relative paths start; default: the working directory of the process. */
  readonly workingDirectory?: string;
  /** Abort it to write a checkpoint and stop within a step. */
  readonly signal?: AbortSignal;
  /** Receives one line for each step that is taken and each file that is written. */
  readonly say?: (line: string) => void;
}

/**
 * Prepares the data, trains, evaluates and registers a model.
 * @param overrides  as on the command line: `model=linear`, `data.path=…`
 * @throws what the configuration, the data and the training throw; each an AppError with a code
 * @example
 * const outcome = await train(['model=linear', 'data=csv', 'data.path=articles.csv']);
 * if (outcome.status === 'finished') console.log(outcome.result.modelVersion, outcome.result.test.accuracy);
 */
export async function train(
  overrides: readonly string[],
  options: TrainOptions = {},
): Promise<TrainingOutcome> {
  const { workingDirectory = process.cwd(), signal = new AbortController().signal, say = () => {} } = options;
  const request = loadTrainingRequest(overrides, { workingDirectory });
  const home = locateHome(options.home);
  return runTraining(request, {
    home,
    stores: createStores(home, systemClock),
    workingDirectory,
    logger: silentLogger,
    clock: systemClock,
    progress: silentProgress,
    say,
    warn: (text) => say(`warning: ${text}`),
    signal,
  });
}
