// The room's door: what other rooms may use.

export { createFileModelRegistry } from './file-model-registry.ts';
export { buildModelCard } from './model-card.ts';
export { listModelLimits } from './model-limits.ts';
export { buildModelName, isModelName } from './model-name.ts';
export { parseModelReference } from './model-reference.ts';
export type {
  DamagedLog,
  DamagedVersion,
  MaterializedModel,
  ModelList,
  ModelRegistry,
  NewModel,
  Promotion,
  PromotionOptions,
  RegisteredModel,
  StageView,
} from './model-registry.ts';
export type { ProductionChoice } from './production-choice.ts';
export { checkPromotion, formatGateResult, listWaysToCompare } from './promotion-gate.ts';
export { findRegistryLeftovers } from './registry-leftovers.ts';
