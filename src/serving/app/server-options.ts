// The options of a server, and the interface of the running server.
import type { ModelPoolOptions } from '../../judging/predict/index.ts';
import type { CanaryOptions, DecideVersions, LocatedVersion } from '../live/index.ts';
import type { QueueSettings } from '../queue/index.ts';
import type { AppOptions } from './app.ts';

/** How a running server gets other versions than the one it starts with. */
export interface FollowingOptions {
  /** Decides which versions it should run. */
  readonly decide: DecideVersions;
  /** Finds a version and verifies the digests of its files. */
  readonly locate: (reference: string) => Promise<LocatedVersion>;
  /** Seconds between two looks at the registry; 0: it looks once. */
  readonly everySeconds: number;
  /** null: no canary. */
  readonly canary: CanaryOptions | null;
}

export interface ServerOptions
  extends Omit<AppOptions, 'classifier' | 'evaluations' | 'isReady' | 'live' | 'metrics'> {
  /** Evaluation reports of the model, in-source first. */
  readonly evaluations?: LocatedVersion['evaluations'];
  /** Default: the model stays as long as the server runs. */
  readonly following?: FollowingOptions;
  /** Folder of the model to serve. */
  readonly modelFolder: string;
  /** name@version; default: the run id. */
  readonly modelVersion?: string;
  /** The model's name@version in terms of `following`, which differs for a compressed copy; default: modelVersion. */
  readonly reference?: string;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Threads of the model in all; 0 = as many as the cores that this process may use. */
  readonly threads?: number;
  /** Worker threads that share them, each with the model; 0 = as suits the model and the memory. */
  readonly workers?: number;
  /** A worker thread that takes longer than this for a batch counts as hung, at least; default 30 s. */
  readonly hangMs?: number;
  /** Where the model runs; default cpu. */
  readonly device?: ModelPoolOptions['device'];
  /** How articles wait, form batches and are cached. */
  readonly queue?: Partial<QueueSettings>;
  /** Listens beyond this machine without API keys. */
  readonly insecure?: boolean;
  /** How long close() waits for requests in progress. */
  readonly stopLimitMs?: number;
}

export interface RunningServer {
  /** Such as http://127.0.0.1:8000 */
  readonly url: string;
  /** Time from the call of startServer to the first request that it could serve. */
  readonly startMs: number;
  /** Refuses new connections, finishes requests in progress (within the limit), frees the model. Safe to call twice. */
  close(): Promise<void>;
}
