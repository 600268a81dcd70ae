// What every method of the client takes.

export interface CallOptions {
  readonly signal?: AbortSignal;
}
