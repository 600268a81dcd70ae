// The room's door: what other rooms may use.
export { assertAgreement, compareLogits } from './agreement.ts';
export { assertCompressible, compressFolder } from './compress-folder.ts';
export { measureHeads } from './head-importance.ts';
export { loadPrunableEncoder } from './prunable-encoder.ts';
export { chooseHeads } from './prune-heads.ts';
export { readStoredWeights } from './stored-weights.ts';
