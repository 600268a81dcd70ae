// The room's door: what other rooms may use.
export type { Check } from './check.ts';
export { type Diagnosis, diagnose } from './diagnosis.ts';
