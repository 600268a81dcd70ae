// The room's door: what other rooms may use.
export { formatGateResult, type Promotion } from '../../keeping/registry/index.ts';
export {
  type ListedModels,
  listModels,
  promoteModel,
  rollbackModel,
  type ShownModel,
  showModel,
} from './registered-models.ts';
export { type RetriedVersion, retryVersion } from './returned-version.ts';
