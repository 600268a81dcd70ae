// How an article is to be judged on behalf of whoever asked.
export interface PredictOptions {
  /** Aborted when the client has gone: what it still waits for is not judged. */
  readonly signal?: AbortSignal;
  /**
   * request (default): a person or program waits; refused at once when that would take too long.
   * background: a file; never refused, and steps back where requests wait.
   */
  readonly priority?: RequestPriority;
  /** False: judged anew although an answer is kept. */
  readonly cached?: boolean;
  /** Who asks (key id or address): a canary answers always the same clients. Absent: it does not answer. */
  readonly client?: string;
}

export type RequestPriority = 'request' | 'background';
