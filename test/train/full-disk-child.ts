// Run by full-disk.test.ts under a file size limit: goes on from the checkpoint in the folder it is given and prints
// the code of the error it ends with.
import { isAppError } from '../../src/foundation/core/errors.ts';
import { continueCounting } from './counting-run.ts';

try {
  await continueCounting(process.argv[2] ?? '', 6);
  process.stdout.write('none');
} catch (error) {
  process.stdout.write(isAppError(error) ? error.code : String(error));
}
