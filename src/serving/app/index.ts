// The room's door: what other rooms may use.
export { type AppOptions, createApp } from './app.ts';
export {
  assertAddressFree,
  type FollowingOptions,
  prepareServer,
  type RunningServer,
  type ServerOptions,
  startServer,
} from './server.ts';
