// The room's door: what other rooms may use.
export { findKeys, type ServedUntilStopped, serveUntilStopped } from './serving.ts';
