// The room's door: what other rooms may use.
export { differentiate } from './differentiate.ts';
export { compileTrainingProgram, type ModelGraph } from './training-program.ts';
