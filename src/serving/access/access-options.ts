// Who may ask a server, from where and how often. Everybody, as long as only this machine can reach it.
import { isIP } from 'node:net';
import { appError } from '../../foundation/core/index.ts';
import type { KeyLookup } from './key-ring.ts';

export interface AccessOptions {
  /** Keys that are asked for; undefined: everybody may ask. */
  readonly keys?: KeyLookup;
  /** Origins, such as https://news.example, whose pages may ask from a browser. None is open to all. */
  readonly allowedOrigins?: readonly string[];
  /** Requests a minute from one address without a key (this machine's own are not counted) and from one key; null: any. */
  readonly perMinute?: { readonly address: number | null; readonly key: number | null };
  /** Proxies in front that say in x-forwarded-for whom they speak for; 0 (default): the sender is the client. */
  readonly proxies?: number;
}

/** Can only this machine reach it? */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 ? bare.startsWith('127.') : /^::ffff:127\./.test(bare);
}

/**
 * Refuses to let everybody who reaches the machine in by an oversight.
 * @throws KEYS_MISSING
 */
export function assertGuarded(
  host: string,
  access: { readonly keys: KeyLookup | undefined; readonly insecure: boolean | undefined },
): void {
  if (access.keys === undefined && access.insecure !== true && !isLoopback(host))
    throw appError('KEYS_MISSING', { host, keys: 'access.keys' });
}
