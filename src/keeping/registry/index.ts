// The room's door: what other rooms may use.
export { buildModelCard } from './model-card.ts';
export { listModelLimits } from './model-limits.ts';
export { parseModelReference } from './model-reference.ts';
export { formatGateResult } from './promotion-gate.ts';
export {
  createRegistry,
  type DamagedVersion,
  type Promotion,
  type RegisteredModel,
  type Registry,
} from './registry.ts';
