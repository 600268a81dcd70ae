// veracity worker: runs the trials of sweeps that any machine has put into the queue of a team's database.
import { appError, EXIT_STOPPED } from '../../foundation/core/index.ts';
import { runWorker } from '../../workflows/sweep/index.ts';
import type { Command } from './command.ts';

export const workerCommand: Command = {
  name: 'worker',
  summary: "run trials from the queue of a team's database (VERACITY_DB)",
  argumentsUsage: '',
  options: [
    { flags: '--idle <seconds>', description: 'end when there was no trial for so long; default: never' },
  ],
  examples: [
    'VERACITY_DB=postgres://user@host/veracity veracity worker',
    'VERACITY_THREADS=4 veracity worker --idle 60',
  ],
  run: async ({ options }, context) => {
    const outcome = await runWorker({ idleSeconds: readIdle(options.idle) }, context);
    const { committed, returned } = outcome;
    return {
      json: outcome,
      text: `${committed} trials done, ${returned} given back or taken over`,
      exitCode: context.signal.aborted ? EXIT_STOPPED : 0,
    };
  },
};

/** @throws USAGE */
function readIdle(text: unknown): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (typeof text === 'string' && text.trim() !== '' && seconds >= 0) return seconds;
  throw appError('USAGE', {
    where: 'worker',
    problem: `expected --idle to be a number of seconds, got ${String(text)}`,
    hint: 'See: veracity worker --help',
  });
}
