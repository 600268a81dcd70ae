// The room's door: what other rooms may use.
export { type AppOptions, createApp } from './app.ts';
export { assertAddressFree } from './listen-address.ts';
export { prepareServer, startServer } from './server.ts';
export type { FollowingOptions, RunningServer, ServerOptions } from './server-options.ts';
export { createStudioApp, type StudioServerOptions, startStudioServer } from './studio-server.ts';
