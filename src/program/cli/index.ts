// The room's door: what other rooms may use.
export { runProcess } from './run-process.ts';
