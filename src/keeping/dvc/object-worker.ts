// A thread that hashes, stores and places batches of files.
import { parentPort } from 'node:worker_threads';
import { serveWorker } from '../../foundation/threads/index.ts';
import { objectBatches } from './object-batches.ts';
import { OBJECT_WORKER } from './object-contract.ts';

serveWorker(OBJECT_WORKER, parentPort, objectBatches);
