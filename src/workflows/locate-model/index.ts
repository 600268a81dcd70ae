// The room's door: what other rooms may use.
export { locateModel } from './locate-model.ts';
export { formatPrecisionChoice, locateServedModel, type ServedModel } from './served-model.ts';
export { type UsedModel, withModel } from './used-model.ts';
