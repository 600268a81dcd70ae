// Checks that the configurations of training and serving in this folder can be loaded, with the settings of the command line.
import { listOwnFiles, locateConfigs } from '../../foundation/config/index.ts';
import { isAppError } from '../../foundation/core/index.ts';
import { loadServeConfig, loadTrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { ConfigurationCheck } from './check.ts';

const SERVING = /^[+~]*(?:serve|live|guard|judging)(?:[.=@]|$)/;
const REMOTE = /^[+~]*remote(?:[.=@]|$)/;
const SHARED = /^(?:threads|device)=/;

/** Which settings belong to training, to serving, and to the remote. */
export function splitOverrides(overrides: readonly string[]): {
  readonly training: readonly string[];
  readonly serving: readonly string[];
  readonly remote: readonly string[];
} {
  return {
    training: overrides.filter((one) => !SERVING.test(one) && !REMOTE.test(one)),
    remote: overrides.filter((one) => REMOTE.test(one)),
    serving: overrides.filter((one) => SERVING.test(one) || SHARED.test(one)),
  };
}

export function checkConfigurations(
  context: Pick<WorkflowContext, 'workingDirectory' | 'configDirs' | 'searchesConfigs'>,
  training: readonly string[] = [],
  serving: readonly string[] = [],
): ConfigurationCheck {
  try {
    loadTrainConfig(training, context);
    loadServeConfig(serving, context);
    const searchPath = locateConfigs(context);
    const folders = searchPath.map((folder) => folder.shownAs);
    return { kind: 'configuration', status: 'ok', folders, ownFiles: listOwnFiles(searchPath) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { message, hint, issues } = error;
    return { kind: 'configuration', status: 'fail', message, hint, issues };
  }
}
