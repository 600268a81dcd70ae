// The room's door: what other rooms may use.
export { type PulledSource, pullSource } from './pull-source.ts';
