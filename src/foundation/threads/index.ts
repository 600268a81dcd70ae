// The room's door: what other rooms may use.
export { callNative, settleThreads } from './native-calls.ts';
export { moveWith, type WorkerAnswer } from './worker-answer.ts';
export { WorkerChannel } from './worker-channel.ts';
export { WorkerContract, type WorkerMethods } from './worker-contract.ts';
export { serveWorker } from './worker-server.ts';
