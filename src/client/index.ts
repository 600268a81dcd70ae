// Public API `veracity/client`: sends requests to a server, from a browser or from Node.

export type { CallOptions } from './call-options.ts';
export {
  type ClientOptions,
  createClient,
  type FileColumns,
  type FileOptions,
  type VeracityClient,
} from './client.ts';
export { VeracityRequestError } from './request-error.ts';
export type { WatchOptions } from './studio-client.ts';
export type * from './studio-types.ts';
export type * from './types.ts';
