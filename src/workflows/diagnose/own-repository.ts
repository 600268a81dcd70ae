// The repository of the working directory, for checks that say something of it where there is one.
import { isAppError } from '../../foundation/core/index.ts';
import type { DataRepository } from '../../keeping/dvc/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { openRepository } from '../versioning/index.ts';

/** Null: there is none, or its configuration cannot be read, which the check of the remote says. */
export function findOwnRepository(
  context: Pick<WorkflowContext, 'home' | 'workingDirectory'>,
): DataRepository | null {
  try {
    return openRepository(context);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return null;
  }
}
