// The room's door: what other rooms may use.
export { type LoadModelOptions, loadNamedClassifier } from './library.ts';
export { findServedReference, locateModel } from './locate-model.ts';
export {
  findServedCopy,
  formatPrecisionChoice,
  locateServedModel,
  type ServedModel,
} from './served-model.ts';
export { type UsedModel, withModel } from './used-model.ts';
