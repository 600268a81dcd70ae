// The room's door: what other rooms may use.
export { normalizeAxis } from './definition.ts';
export { GraphBuilder } from './graph-builder.ts';
export { lowerToOnnx } from './lower.ts';
export { reduceShape } from './reduce.ts';
