// The process that full-disk.test.ts runs under a file size limit: it continues from the checkpoint in a given folder and
// prints the code of its final error.
import { isAppError } from '../../src/foundation/core/errors.ts';
import { continueCounting } from './counting-run.ts';

try {
  await continueCounting(process.argv[2] ?? '', 6);
  process.stdout.write('none');
} catch (error) {
  process.stdout.write(isAppError(error) ? error.code : String(error));
}
