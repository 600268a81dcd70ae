// The options with which articles are predicted for one request.
export interface PredictOptions {
  /** Aborted when the client has disconnected: articles that still wait are dropped. */
  readonly signal?: AbortSignal;
  /**
   * request (default): a client waits for it; refused at once when the wait would be too long.
   * background: a file; never refused, and gets a smaller share while requests wait.
   */
  readonly priority?: RequestPriority;
  /** False: the cache is not used. */
  readonly cached?: boolean;
  /** Key id or address: a canary always predicts for the same clients. Absent: the canary does not predict. */
  readonly client?: string;
}

export type RequestPriority = 'request' | 'background';
