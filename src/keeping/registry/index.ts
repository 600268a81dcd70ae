// The room's door: what other rooms may use.
export { buildModelCard } from './model-card.ts';
export { listModelLimits } from './model-limits.ts';
export { parseModelReference } from './model-reference.ts';
export {
  createRegistry,
  type DamagedVersion,
  describeGate,
  type Promotion,
  type RegisteredModel,
  type Registry,
} from './registry.ts';
