// The room's door: what other rooms may use.
export { formatGateResult } from '../../keeping/registry/index.ts';
export {
  type ListedModels,
  listModels,
  type PromotedModel,
  promoteModel,
  rollbackModel,
  type ServedVersion,
  type ShownModel,
  showModel,
} from './registered-models.ts';
export { type RetriedVersion, retryVersion } from './returned-version.ts';
