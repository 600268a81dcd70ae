// A process of its own that runs one trial. Started by local-trials.ts with one message; says on its channel what a person
// should know. It stops cleanly, with a checkpoint, on a signal and when the process that started it is gone.
import {
  appError,
  isAppError,
  silentLogger,
  silentProgress,
  systemClock,
} from '../../foundation/core/index.ts';
import { locateHome } from '../../foundation/records/index.ts';
import { settleThreads } from '../../foundation/threads/index.ts';
import { createStores } from '../context/index.ts';
import type { TrialOrder, TrialWord } from './local-trials.ts';
import { runTrial } from './trial-run.ts';

const SETTLE_MS = 60_000;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stop.abort(appError('STOPPED', { by: signal })));
process.on('disconnect', () => stop.abort(appError('STOPPED', { by: 'the end of the sweep' })));
process.once('message', (order: TrialOrder) => {
  run(order)
    .then(() => end(0))
    .catch((error: unknown) => {
      tell({
        kind: 'failed',
        code: isAppError(error) ? error.code : 'INTERNAL_BUG',
        message: isAppError(error) ? error.message : String(error instanceof Error ? error.stack : error),
      });
      end(1);
    });
});

async function run({ sweepId, number, token, root, models, workingDirectory }: TrialOrder): Promise<void> {
  const home = locateHome(root, models);
  const stores = createStores(home, systemClock);
  const lease = await stores.sweeps.adoptTrial(sweepId, number, token);
  const ended = await runTrial(lease, {
    home,
    stores,
    workingDirectory,
    logger: silentLogger,
    clock: systemClock,
    progress: silentProgress,
    say: () => {},
    warn: (text) => tell({ kind: 'warning', text }),
    signal: stop.signal,
  });
  tell({ kind: 'ended', end: ended });
}

function tell(word: TrialWord): void {
  if (process.connected) process.send?.(word);
}

/** A thread inside ONNX Runtime would abort the process. */
function end(exitCode: number): void {
  settleThreads(SETTLE_MS);
  process.exit(exitCode);
}
