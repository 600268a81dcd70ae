// The room's door: what other rooms may use.
export { type AccessOptions, assertGuarded, isLoopback } from './access-options.ts';
export { addGuard } from './guard.ts';
export { createKeyRing, type KeyRing, requireKeys } from './key-ring.ts';
