// Runs while the serving image is built. It checks that the registry has the requested model version and that no file was
// changed after registration. The builder passes the expected digest, so a changed registry is refused.
import { systemClock } from '../../dist/foundation/core/clock.js';
import { isAppError } from '../../dist/foundation/core/errors.js';
import { locateHome } from '../../dist/foundation/records/home.js';
import { createFileModelRegistry } from '../../dist/keeping/registry/file-model-registry.js';

const { MODEL_NAME = '', MODEL_VERSION = '', MODEL_DIGEST = '' } = process.env;

function refuse(problem) {
  console.error(`verify-model: ${problem}`);
  process.exit(2);
}

const [models] = process.argv.slice(2);
if (models === undefined) refuse('expected the folder of the registry');
if (!/^[1-9]\d*$/.test(MODEL_VERSION))
  refuse(`MODEL_VERSION: expected a number such as 1, got "${MODEL_VERSION}"`);
if (!/^[0-9a-f]{64}$/.test(MODEL_DIGEST))
  refuse('MODEL_DIGEST: expected 64 hexadecimal digits, as `veracity models show --json` prints them');
try {
  const registry = createFileModelRegistry(locateHome(models, models), systemClock);
  const { reference, record } = await registry.materialize(`${MODEL_NAME}@${MODEL_VERSION}`);
  if (record.digest !== MODEL_DIGEST)
    refuse(`${reference}: expected digest ${MODEL_DIGEST}, got ${record.digest}`);
  console.log(`${reference} is as registered: ${record.files.length} files, digest ${record.digest}`);
} catch (error) {
  if (!isAppError(error)) throw error;
  refuse(`${error.code}: ${error.message}`);
}
