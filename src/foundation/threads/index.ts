// The room's door: what other rooms may use.
export { createWorkerChannel, serveWorker, type WorkerChannel } from './worker-channel.ts';
