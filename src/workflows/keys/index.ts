// The room's door: what other rooms may use.
export { openKeyRing } from './home-keys.ts';
