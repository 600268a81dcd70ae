// The room's door: what other rooms may use.
export { formatGateResult, type ModelList, type Promotion } from '../../keeping/registry/index.ts';
export {
  listModels,
  promoteModel,
  rollbackModel,
  type ShownModel,
  showModel,
} from './registered-models.ts';
export { type RetriedVersion, retryVersion } from './returned-version.ts';
