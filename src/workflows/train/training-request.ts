// What a training is asked for: a configuration for a new run, or a run to resume with settings that only matter after the
// last step.
import { maskArgument } from '../../foundation/config/index.ts';
import { appError } from '../../foundation/core/index.ts';
import { loadTrainConfig } from '../configuration/index.ts';
import type { TrainingRequest } from './training.ts';

/** Groups and keys that nothing before the last step depends on. */
const AFTER_TRAINING = ['register', 'register_index', 'evaluate'];

/**
 * Loads the configuration of a training from the arguments of `veracity train`.
 * @throws RESUME_OVERRIDE for another setting beside resume, and what loading the configuration throws
 */
export function loadTrainingRequest(
  args: readonly string[],
  options: Parameters<typeof loadTrainConfig>[1],
): TrainingRequest {
  const { config, origins, toYaml } = loadTrainConfig(args, options);
  const folders = (options?.configDirs ?? []).flatMap((folder) => ['--config-dir', folder]);
  const command = ['train', ...folders, ...args.map(maskArgument)];
  if (config.resume === null) return { config, origins, command, toYaml };
  const changed = args
    .map((arg) => (arg.split('=')[0] ?? arg).replace(/^[+~]+/, ''))
    .filter((key) => key !== 'resume');
  const others = changed.filter((path) => !AFTER_TRAINING.includes(path.split('.')[0]!));
  if (others.length > 0)
    throw appError('RESUME_OVERRIDE', { keys: others.join(', '), allowed: AFTER_TRAINING.join(', ') });
  return { config, changed, origins, command, toYaml };
}
