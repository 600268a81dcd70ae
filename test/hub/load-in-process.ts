// Loads org/tiny with the settings of its environment and prints the folder or the error code, for tests that need a
// second process.
import { isAppError } from '../../src/foundation/core/errors.ts';
import { loadCheckpointFolder } from '../../src/learning/hub/index.ts';

try {
  const { folder } = await loadCheckpointFolder({ name: 'org/tiny', env: process.env, retryDelayMs: 1 });
  process.stdout.write(`${folder}\n`);
} catch (error) {
  if (!isAppError(error)) throw error;
  process.stdout.write(`${error.code}\n`);
}
