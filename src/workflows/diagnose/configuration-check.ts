// Checks that the configurations of training and serving in this folder can be loaded.
import { listOwnFiles, locateConfigs } from '../../foundation/config/index.ts';
import { isAppError } from '../../foundation/core/index.ts';
import { loadServeConfig, loadTrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { ConfigurationCheck } from './check.ts';

export function checkConfigurations(
  context: Pick<WorkflowContext, 'workingDirectory' | 'configDirs' | 'searchesConfigs'>,
): ConfigurationCheck {
  try {
    loadTrainConfig([], context);
    loadServeConfig([], context);
    const searchPath = locateConfigs(context);
    const folders = searchPath.map((folder) => folder.shownAs);
    return { kind: 'configuration', status: 'ok', folders, ownFiles: listOwnFiles(searchPath) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { message, hint, issues } = error;
    return { kind: 'configuration', status: 'fail', message, hint, issues };
  }
}
