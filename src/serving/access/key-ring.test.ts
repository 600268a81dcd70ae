import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyRing, requireKeys } from './key-ring.ts';

let folder = '';
let path = '';
let nowMs = 0;
const clock = { nowIso: () => '2026-01-01T00:00:00.000Z', monotonicMs: () => nowMs };
beforeEach(() => {
  nowMs = 0;
  folder = mkdtempSync(join(tmpdir(), 'veracity-keys-'));
  path = join(folder, 'home', 'keys.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a key ring', () => {
  test('finds a key by its secret, which it does not keep', () => {
    const ring = createKeyRing(path, clock);
    const { key, secret } = ring.create({ name: 'desk', scopes: ['predict', 'predict', 'feedback'] });
    expect(secret).toMatch(/^vk_[0-9a-f]{8}_[\w-]{43}$/);
    expect(key).toEqual({
      id: secret.slice(3, 11),
      name: 'desk',
      scopes: ['predict', 'feedback'],
      createdAt: clock.nowIso(),
      revokedAt: null,
    });
    expect(ring.find(secret)).toEqual(key);
    expect(readFileSync(path, 'utf8')).not.toContain(secret.slice(12));
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test('finds no key for any other text', () => {
    const ring = createKeyRing(path, clock);
    const { secret } = ring.create({ name: 'desk', scopes: ['predict'] });
    const last = secret.at(-1) === 'A' ? 'B' : 'A';
    for (const other of [
      '',
      'x',
      secret.slice(0, -1),
      `${secret}x`,
      `${secret.slice(0, -1)}${last}`,
      'vk_00000000_',
    ])
      expect(ring.find(other)).toBeUndefined();
  });

  test('notices within a second keys that another process created or revoked', () => {
    const running = createKeyRing(path, clock);
    expect(running.find(`vk_01234567_${'x'.repeat(43)}`)).toBeUndefined();
    const { key, secret } = createKeyRing(path, clock).create({ name: 'late', scopes: ['admin'] });
    expect(running.find(secret)).toBeUndefined();
    nowMs = 1001;
    expect(running.find(secret)?.name).toBe('late');
    createKeyRing(path, clock).revoke(key.id);
    nowMs = 2003;
    expect(running.find(secret)).toBeUndefined();
    expect(running.list()).toMatchObject([{ id: key.id, revokedAt: clock.nowIso() }]);
  });

  test('must hold a key on a server that requires keys', () => {
    expect(() => requireKeys(path, '0.0.0.0', clock)).toThrow(
      expect.objectContaining({ code: 'KEYS_MISSING' }),
    );
    const ring = createKeyRing(path, clock);
    const { key } = ring.create({ name: 'a', scopes: ['predict'] });
    expect(requireKeys(path, '0.0.0.0', clock).list()).toHaveLength(1);
    ring.revoke(key.id);
    ring.revoke(key.id); // a second time changes nothing
    expect(() => requireKeys(path, '0.0.0.0', clock)).toThrow(/expected at least one API key/);
    expect(() => ring.revoke('00000000')).toThrow(expect.objectContaining({ code: 'KEY_NOT_FOUND' }));
  });
});
