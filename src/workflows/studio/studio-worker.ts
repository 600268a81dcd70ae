// The thread that reads and writes the stores for the studio, so that a long read never holds up predictions or HTTP.
import { parentPort } from 'node:worker_threads';
import { invariant, silentLogger, silentProgress, systemClock } from '../../foundation/core/index.ts';
import { serveWorker } from '../../foundation/threads/index.ts';
import { createStores } from '../context/index.ts';
import { createStudio } from './create-studio.ts';
import { STUDIO_WORKER, type ThreadMethods } from './studio-contract.ts';

type MethodTable = Readonly<Record<keyof ThreadMethods, (...args: readonly never[]) => Promise<unknown>>>;

let studio: MethodTable | null = null;

serveWorker(STUDIO_WORKER, parentPort, {
  open: ({ home, workingDirectory }) => {
    studio = createStudio({
      ...{ home, workingDirectory, stores: createStores(home, systemClock), clock: systemClock },
      ...{ logger: silentLogger, progress: silentProgress, signal: new AbortController().signal },
      say: () => undefined,
      warn: () => undefined,
    });
  },
  call: ({ method, arguments: args }) => {
    invariant(studio !== null, 'the thread of the studio has opened its home');
    return studio[method](...(args as readonly never[]));
  },
});
