// Access to a server: keys, origins and rates. Without keys only this machine may reach it.
import { isIP } from 'node:net';
import { appError } from '../../foundation/core/index.ts';
import type { KeyLookup } from './key-ring.ts';

export interface AccessOptions {
  /** Required keys; undefined: none are required. */
  readonly keys?: KeyLookup;
  /** Origins, such as https://news.example, whose pages may send requests from a browser. No wildcard. */
  readonly allowedOrigins?: readonly string[];
  /** Requests a minute from one address without a key (not counted for this machine) and from one key; null: no limit. */
  readonly perMinute?: { readonly address: number | null; readonly key: number | null };
  /** Number of proxies in front, which name the client in x-forwarded-for; 0 (default): the sender is the client. */
  readonly proxies?: number;
}

/** Can only this machine reach it? */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 ? bare.startsWith('127.') : /^::ffff:127\./.test(bare);
}

/**
 * Keeps a server from being open to other machines by an oversight.
 * @throws KEYS_MISSING
 */
export function assertGuarded(
  host: string,
  access: { readonly keys: KeyLookup | undefined; readonly insecure: boolean | undefined },
): void {
  if (access.keys === undefined && access.insecure !== true && !isLoopback(host))
    throw appError('KEYS_MISSING', { host, keys: 'access.keys' });
}
