// The room's door: what other rooms may use.
export { formatSecretPlace } from '../../foundation/secrets/index.ts';
export { checkSecrets } from './secrets-check.ts';
