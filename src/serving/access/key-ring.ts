// API keys in a home: created (the secret is shown once), revoked, found by the secret of a request. A running server
// notices changes within a second.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, statSync } from 'node:fs';
import { appError, type Clock, cutTornLine, errorCodeOf, systemClock } from '../../foundation/core/index.ts';
import {
  type ApiKeyEvent,
  type ApiScope,
  apiKeyEventRecord,
  appendRecordLine,
  loadRecordLines,
} from '../../foundation/records/index.ts';

/** A key without its secret. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

/** Finds the key of a request. */
export interface KeyLookup {
  /** The key with the secret `presented`; undefined if it is unknown or revoked. */
  find(presented: string): ApiKey | undefined;
}

export interface KeyRing extends KeyLookup {
  /** @returns the key and its secret, which is not kept. @throws USAGE */
  create(options: { name: string; scopes: readonly ApiScope[] }): { key: ApiKey; secret: string };
  /** @throws KEY_NOT_FOUND */
  revoke(id: string): ApiKey;
  /** Oldest first, revoked ones included. @throws RECORD_INVALID */
  list(): readonly ApiKey[];
}

const PREFIX = 'vk';
const SECRET_BYTES = 32;
const PRESENTED = /^vk_([0-9a-f]{8})_([A-Za-z0-9_-]{43})$/;
const RELOAD_MS = 1000;

interface StoredKey extends ApiKey {
  readonly sha256: string;
}

/** The key ring in the file `path`; a missing file is an empty ring. */
export function createKeyRing(path: string, clock: Clock = systemClock): KeyRing {
  let keys = new Map<string, StoredKey>();
  let stamp = '';
  let checkedMs = Number.NEGATIVE_INFINITY;

  const reload = (): Map<string, StoredKey> => {
    checkedMs = clock.monotonicMs();
    const now = readStamp(path);
    if (now !== stamp) {
      keys = replay(loadRecordLines(apiKeyEventRecord, path));
      stamp = now;
    }
    return keys;
  };
  const append = (event: ApiKeyEvent): void => {
    if (stamp !== '') cutTornLine(path);
    appendRecordLine(apiKeyEventRecord, path, event, { flushed: true });
    chmodSync(path, 0o600);
    stamp = '';
  };

  return {
    create: ({ name, scopes }) => {
      reload();
      const id = randomBytes(4).toString('hex');
      const secret = `${PREFIX}_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
      const createdAt = clock.nowIso();
      const stored = { id, name, scopes: [...new Set(scopes)], sha256: hashSecret(secret) };
      append({ schemaVersion: 1, createdAt, event: 'created', ...stored });
      return { key: hideSecret(reload().get(id)!), secret };
    },
    revoke: (id) => {
      const key = reload().get(id);
      if (key === undefined) throw appError('KEY_NOT_FOUND', { id });
      if (key.revokedAt === null)
        append({ schemaVersion: 1, createdAt: clock.nowIso(), event: 'revoked', id });
      return hideSecret(reload().get(id)!);
    },
    list: () => [...reload().values()].map(hideSecret),
    find: (presented) => {
      const id = PRESENTED.exec(presented)?.[1];
      if (id === undefined) return undefined;
      const current = clock.monotonicMs() - checkedMs > RELOAD_MS ? reload() : keys;
      const key = current.get(id);
      if (key === undefined || key.revokedAt !== null) return undefined;
      const same = timingSafeEqual(Buffer.from(hashSecret(presented), 'hex'), Buffer.from(key.sha256, 'hex'));
      return same ? hideSecret(key) : undefined;
    },
  };
}

/**
 * The key ring of a server that requires keys.
 * @throws KEYS_MISSING if it holds no valid key
 */
export function requireKeys(path: string, host: string, clock: Clock): KeyRing {
  const ring = createKeyRing(path, clock);
  if (!ring.list().some(({ revokedAt }) => revokedAt === null))
    throw appError('KEYS_MISSING', { host, keys: path });
  return ring;
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function replay(events: readonly ApiKeyEvent[]): Map<string, StoredKey> {
  const keys = new Map<string, StoredKey>();
  for (const event of events) {
    if (event.event === 'created') {
      const { id, name, scopes, createdAt, sha256 } = event;
      keys.set(id, { id, name, scopes, createdAt, revokedAt: null, sha256 });
    } else {
      const key = keys.get(event.id);
      if (key !== undefined) keys.set(event.id, { ...key, revokedAt: event.createdAt });
    }
  }
  return keys;
}

function hideSecret({ id, name, scopes, createdAt, revokedAt }: StoredKey): ApiKey {
  return { id, name, scopes, createdAt, revokedAt };
}

/** Changes with every append; empty if there is no file. */
function readStamp(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
