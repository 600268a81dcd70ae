// Checks that the configurations of training and serving in this folder can be loaded.
import { locateConfigs } from '../../foundation/config/index.ts';
import { isAppError } from '../../foundation/core/index.ts';
import { loadServeConfig, loadTrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { ConfigurationCheck } from './check.ts';

export function checkConfigurations({
  workingDirectory,
}: Pick<WorkflowContext, 'workingDirectory'>): ConfigurationCheck {
  try {
    loadTrainConfig([], { workingDirectory });
    loadServeConfig([], { workingDirectory });
    const folders = locateConfigs(workingDirectory).map((folder) => folder.shownAs);
    return { kind: 'configuration', status: 'ok', folders };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { message, hint, issues } = error;
    return { kind: 'configuration', status: 'fail', message, hint, issues };
  }
}
