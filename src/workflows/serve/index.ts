// The room's door: what other rooms may use.
export { findKeys, type ServedUntilStopped, serveStudioUntilStopped, serveUntilStopped } from './serving.ts';
