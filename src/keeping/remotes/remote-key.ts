// Checks keys of objects: they come from pointer files and from listings, and become paths and addresses.
import { appError } from '../../foundation/core/index.ts';

/**
 * Returns the key, if it lies below the root of a remote.
 * @throws REMOTE_KEY_INVALID
 */
export function checkKey(key: string, url: string): string {
  const parts = key.split('/');
  const isBad = parts.some((part) => part === '' || part === '.' || part === '..') || /[\0\\]/.test(key);
  if (isBad) throw appError('REMOTE_KEY_INVALID', { url, key });
  return key;
}
