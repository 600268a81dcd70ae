// The room's door: what other rooms may use.
export { ALLOWED_SECRETS_FILE, type AllowedSecret, readAllowedSecrets } from './allowed-secrets.ts';
export {
  assertNoSecrets,
  type CheckedFile,
  formatSecretPlace,
  listSecrets,
  type SecretCheck,
  type SecretPlace,
} from './assert-no-secrets.ts';
export { type FoundSecret, findSecrets, type SecretSearch } from './find-secrets.ts';
