// The remote that `data push` uses in this repository without being told one.
import { isAppError } from '../../foundation/core/index.ts';
import type { DataRepository } from '../../keeping/dvc/index.ts';
import type { RemoteSettings } from '../../keeping/remotes/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { chooseRemote, openRepository } from '../versioning/index.ts';

/**
 * Null: the folder is in no repository, or the configuration names no remote.
 * @param overrides  such as remote.url=…
 * @throws what chooseRemote throws for a remote that is named and not there
 */
export function findConfiguredRemote(
  overrides: readonly string[],
  context: WorkflowContext,
): RemoteSettings | null {
  let repository: DataRepository;
  try {
    repository = openRepository(context);
  } catch (error) {
    if (isAppError(error) && error.code === 'DATA_NOT_REPOSITORY') return null;
    throw error;
  }
  try {
    return chooseRemote(repository, { name: null, overrides }, context).settings;
  } catch (error) {
    const isNone = isAppError(error) && error.code === 'REMOTE_NOT_CONFIGURED';
    if (isNone && error.details.asked === 'a default remote') return null;
    throw error;
  }
}
