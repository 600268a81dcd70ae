import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { md5Of, patternOf } from '../../../test/conformance/remote.ts';
import { appError, createTemporaryName, type ProgressFactory } from '../../foundation/core/index.ts';
import { createLocalRemote } from './local-remote.ts';
import type { Remote } from './remote.ts';
import { formatTransfer, pullObjects, pushObjects } from './transfer.ts';
import type { PulledObject, PushedObject } from './transfer-types.ts';

let folder: string;
let root: string;
let remote: Remote;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-transfer-'));
  root = join(folder, 'remote');
  remote = createLocalRemote(root);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keyOf = (md5: string): string => `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;

function toPush(bytes: Buffer | string, name = 'source'): PushedObject {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const md5 = md5Of(bytes);
  return { key: keyOf(md5), path, md5, sizeBytes: Buffer.byteLength(bytes) };
}

const toPull = ({ key, md5, sizeBytes }: PushedObject): PulledObject => ({
  key,
  md5,
  sizeBytes,
  path: join(folder, 'cache', key),
});

/** The remote with some of its methods replaced. */
function withMethods(methods: Partial<Remote>): Remote {
  const bound: Remote = {
    kind: remote.kind,
    url: remote.url,
    isReadOnly: false,
    list: (...given) => remote.list(...given),
    stat: (...given) => remote.stat(...given),
    read: (...given) => remote.read(...given),
    write: (...given) => remote.write(...given),
    delete: (...given) => remote.delete(...given),
    measureClock: () => remote.measureClock(),
  };
  return { ...bound, ...methods };
}

const unreachable = (): Error =>
  appError('REMOTE_UNREACHABLE', { url: root, reason: 'the connection broke' });
const quick = { firstPauseMs: 1 };

describe('a push', () => {
  it('moves what the remote does not have, and counts what it has', async () => {
    const objects = Array.from({ length: 30 }, (_, i) => toPush(`object ${i}`, `source-${i}`));
    expect(await pushObjects(remote, objects.slice(0, 10))).toMatchObject({
      moved: 10,
      skipped: 0,
      failed: [],
    });
    const result = await pushObjects(remote, objects);
    expect(result).toMatchObject({ moved: 20, skipped: 10, mended: [], isStopped: false });
    expect(result.bytes).toBe(objects.slice(10).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(formatTransfer(result)).toBe('20 objects, 0 MB; 10 there already');
    for (const { key, path } of objects) expect(readFileSync(join(root, key))).toEqual(readFileSync(path));
  });

  it('replaces an object of another size: it is damaged', async () => {
    const object = toPush('the whole object');
    await pushObjects(remote, [object]);
    chmodSync(join(root, object.key), 0o644);
    writeFileSync(join(root, object.key), 'the who');
    expect(await pushObjects(remote, [object])).toMatchObject({ moved: 1, mended: [object.key] });
    expect(readFileSync(join(root, object.key), 'utf8')).toBe('the whole object');
  });

  it('names a file that is not as it was, and moves the others', async () => {
    const objects = [toPush('one', 'one'), toPush('two', 'two'), toPush('three', 'three')];
    writeFileSync(objects[0]!.path, 'eno');
    rmSync(objects[1]!.path);
    const result = await pushObjects(remote, objects);
    expect(result.moved).toBe(1);
    expect(result.failed.map(({ key, code }) => [key, code])).toEqual(
      expect.arrayContaining([
        [objects[0]!.key, 'REMOTE_OBJECT_CORRUPT'],
        [objects[1]!.key, 'FILE_NOT_FOUND'],
      ]),
    );
    expect(existsSync(join(root, objects[0]!.key))).toBe(false);
  });

  it('tries again what did not reach the remote, and nothing else', async () => {
    const object = toPush('hello');
    let tries = 0;
    const flaky = withMethods({
      write: async (...given) => {
        if (++tries < 3) throw unreachable();
        return remote.write(...given);
      },
    });
    expect(await pushObjects(flaky, [object], quick)).toMatchObject({ moved: 1 });
    expect(tries).toBe(3);
    tries = 0;
    const forbidden = withMethods({
      write: async () => {
        tries++;
        throw appError('REMOTE_FORBIDDEN', { url: root, action: 'write', reason: 'no' });
      },
    });
    await expect(pushObjects(forbidden, [toPush('other')], quick)).rejects.toMatchObject({
      code: 'REMOTE_FORBIDDEN',
    });
    expect(tries).toBe(1);
  });

  it('ends with the first error that concerns the whole remote, not with one for each object', async () => {
    const objects = Array.from({ length: 100 }, (_, i) => toPush(`object ${i}`, `source-${i}`));
    let tries = 0;
    const down = withMethods({
      write: async () => {
        tries++;
        throw unreachable();
      },
    });
    await expect(pushObjects(down, objects, { ...quick, jobs: 2 })).rejects.toMatchObject({
      code: 'REMOTE_UNREACHABLE',
    });
    expect(tries).toBeLessThanOrEqual(10);
  });

  it('asks for no further object once one of its questions is refused', async () => {
    const objects = Array.from({ length: 100 }, (_, i) => toPush(`object ${i}`, `source-${i}`));
    let asked = 0;
    const forbidden = withMethods({
      stat: async () => {
        asked++;
        throw appError('REMOTE_FORBIDDEN', { url: root, action: 'read', reason: 'no' });
      },
    });
    await expect(pushObjects(forbidden, objects)).rejects.toMatchObject({ code: 'REMOTE_FORBIDDEN' });
    const before = asked;
    await pause(5);
    expect(asked).toBe(before);
    expect(asked).toBeLessThan(objects.length);
  });

  it('is refused by a remote that is only read', async () => {
    const readOnly = withMethods({ isReadOnly: true });
    await expect(pushObjects(readOnly, [toPush('x')])).rejects.toMatchObject({ code: 'REMOTE_READ_ONLY' });
  });
});

describe('a pull', () => {
  it('writes read-only files, and skips those that are there and intact', async () => {
    const object = toPush('hello');
    await pushObjects(remote, [object]);
    const wanted = toPull(object);
    expect(await pullObjects(remote, [wanted])).toMatchObject({ moved: 1, skipped: 0, bytes: 5 });
    expect(statSync(wanted.path).mode & 0o777).toBe(0o444);
    expect(readFileSync(wanted.path, 'utf8')).toBe('hello');
    expect(await pullObjects(remote, [wanted])).toMatchObject({ moved: 0, skipped: 1 });
    rmSync(wanted.path);
    writeFileSync(wanted.path, 'jello');
    expect(await pullObjects(remote, [wanted])).toMatchObject({ moved: 1, skipped: 0 });
    expect(readFileSync(wanted.path, 'utf8')).toBe('hello');
  });

  it.each([
    ['a small', 2000],
    ['a large', 1_200_000],
  ])('names %s object that is damaged at the remote, and takes nothing of it', async (_, sizeBytes) => {
    const bytes = patternOf(sizeBytes);
    const [bad, short, long, good] = [0, 1, 2, 3].map((i) =>
      toPush(Buffer.concat([bytes, Buffer.from([i])]), `${i}`),
    );
    await pushObjects(remote, [bad!, short!, long!, good!]);
    for (const { key } of [bad!, short!, long!]) chmodSync(join(root, key), 0o644);
    const flipped = Buffer.from(readFileSync(join(root, bad!.key)));
    flipped[sizeBytes / 2]! ^= 4;
    writeFileSync(join(root, bad!.key), flipped);
    writeFileSync(join(root, short!.key), bytes.subarray(0, -1));
    writeFileSync(join(root, long!.key), Buffer.concat([bytes, bytes]));
    const result = await pullObjects(remote, [bad!, short!, long!, good!].map(toPull));
    expect(result.moved).toBe(1);
    expect(result.failed.map(({ key }) => key).sort()).toEqual(
      [bad!, short!, long!].map(({ key }) => key).sort(),
    );
    for (const { code, reason } of result.failed) {
      expect(code).toBe('REMOTE_OBJECT_CORRUPT');
      expect(reason).toContain(`of ${root}: expected`);
    }
    for (const object of [bad!, short!, long!]) {
      const { path } = toPull(object);
      expect(existsSync(path)).toBe(false);
      expect(readdirSync(join(path, '..')).filter((name) => name.includes('.tmp-'))).toEqual([]);
    }
  });

  it('fetches an object again that was damaged on its way', async () => {
    const object = toPush(patternOf(3_000_000));
    await pushObjects(remote, [object]);
    let reads = 0;
    const noisy = withMethods({
      read: async (...given) => {
        if (++reads > 1) return remote.read(...given);
        const bytes = patternOf(3_000_000);
        bytes[1_234_567]! ^= 1;
        return Readable.from([bytes]);
      },
    });
    expect(await pullObjects(noisy, [toPull(object)])).toMatchObject({
      moved: 1,
      mended: [object.key],
      failed: [],
    });
    expect(readFileSync(toPull(object).path).equals(patternOf(3_000_000))).toBe(true);
  });

  it('continues a large object from the byte where the connection broke', async () => {
    const object = toPush(patternOf(3_000_000));
    await pushObjects(remote, [object]);
    const starts: number[] = [];
    const breaking = withMethods({
      read: async (key, options = {}) => {
        const { startByte = 0 } = options;
        starts.push(startByte);
        const rest = patternOf(3_000_000).subarray(startByte);
        if (starts.length === 3) return Readable.from([rest]);
        return Readable.from(
          (async function* () {
            yield rest.subarray(0, 1_000_000);
            throw appError('REMOTE_UNREACHABLE', { url: key, reason: 'the connection broke' });
          })(),
        );
      },
    });
    expect(await pullObjects(breaking, [toPull(object)], quick)).toMatchObject({
      moved: 1,
      bytes: 3_000_000,
    });
    expect(starts).toEqual([0, 1_000_000, 2_000_000]);
  });

  it('continues what a stopped pull has left, and begins anew if that is damaged', async () => {
    const object = toPush(patternOf(3_000_000));
    await pushObjects(remote, [object]);
    const wanted = toPull(object);
    const stop = new AbortController();
    const starts: number[] = [];
    const stopping = withMethods({
      read: async (key, options) => {
        starts.push(options?.startByte ?? 0);
        const stream = await remote.read(key, options);
        return Readable.from(
          (async function* () {
            for await (const piece of stream) {
              yield piece;
              stop.abort(new Error('asked'));
            }
          })(),
        );
      },
    });
    expect(await pullObjects(stopping, [wanted], { signal: stop.signal })).toMatchObject({
      isStopped: true,
      moved: 0,
    });
    const [left] = readdirSync(join(wanted.path, '..'));
    const partial = join(wanted.path, '..', left!);
    expect(statSync(partial).size).toBeGreaterThanOrEqual(1_000_000);
    const bytes = readFileSync(partial);
    bytes[500_000]! ^= 1;
    writeFileSync(partial, bytes);
    expect(await pullObjects(stopping, [wanted])).toMatchObject({ moved: 1, mended: [], failed: [] });
    expect(starts).toEqual([0, bytes.length, 0]);
    expect(readFileSync(wanted.path).equals(patternOf(3_000_000))).toBe(true);
    expect(readdirSync(join(wanted.path, '..'))).toHaveLength(1);
  });

  it.each([0, 1])(
    'goes on after a kill at the last byte of a file of unknown size, damaged: %i',
    async (flip) => {
      const object = toPush(patternOf(3_000_000));
      await pushObjects(remote, [object]);
      const wanted = { ...toPull(object), sizeBytes: null };
      const partial = patternOf(3_000_000);
      partial[1_000_000]! ^= flip;
      mkdirSync(dirname(wanted.path), { recursive: true });
      writeFileSync(createTemporaryName(wanted.path), partial);
      expect(await pullObjects(remote, [wanted])).toMatchObject({ moved: 1, failed: [] });
      expect(readFileSync(wanted.path).equals(patternOf(3_000_000))).toBe(true);
      expect(readdirSync(dirname(wanted.path))).toHaveLength(1);
    },
  );

  it('names an object that the remote does not have, and takes the others', async () => {
    const object = toPush('hello');
    await pushObjects(remote, [object]);
    const result = await pullObjects(remote, [
      { ...toPull(object), key: 'files/md5/00/none' },
      toPull(object),
    ]);
    expect(result).toMatchObject({
      moved: 1,
      failed: [{ key: 'files/md5/00/none', code: 'REMOTE_OBJECT_MISSING' }],
    });
  });

  it('accepts an object without a known size', async () => {
    const object = toPush('hello');
    await pushObjects(remote, [object]);
    const large = toPush(patternOf(1_200_000), 'large');
    await pushObjects(remote, [large]);
    const wanted = [object, large].map((one) => ({ ...toPull(one), sizeBytes: null }));
    const notes: string[] = [];
    const progress: ProgressFactory = (_, total, unit) => ({
      update: (done, note) => notes.push(`${done}/${total} ${unit}, ${note}`),
      stop: () => {},
    });
    expect(await pullObjects(remote, wanted, { progress })).toMatchObject({ moved: 2, bytes: 1_200_005 });
    expect(notes.at(-1)).toBe('2/2 objects, 1 MB');
    expect(readFileSync(toPull(large).path).equals(patternOf(1_200_000))).toBe(true);
  });

  it('compares an object of DVC 2 with the md5 of its text with LF for CRLF', async () => {
    const text = 'title,text\r\n'.repeat(150_000); // over 1 MiB, so a CRLF may lie between two pieces
    const object = toPush(text);
    await pushObjects(remote, [object]);
    const pieces = Buffer.from(text);
    const size = 1024 * 1024;
    const parts = [pieces.subarray(0, size), pieces.subarray(size)];
    const md5 = md5Of(
      Buffer.concat(parts.map((part) => Buffer.from(part.toString().replaceAll('\r\n', '\n')))),
    );
    const wanted = { ...toPull(object), md5, check: 'md5-dos2unix' } as const;
    expect(await pullObjects(remote, [wanted])).toMatchObject({ moved: 1, failed: [] });
    expect(await pullObjects(remote, [wanted])).toMatchObject({ skipped: 1 });
    expect(readFileSync(wanted.path, 'utf8')).toBe(text);
    const wrong = { ...wanted, path: `${wanted.path}2`, check: 'md5' } as const;
    expect((await pullObjects(remote, [wrong])).failed).toMatchObject([{ code: 'REMOTE_OBJECT_CORRUPT' }]);
  });

  it('ends all jobs when one of them cannot look at its file', async () => {
    const object = toPush('hello');
    await pushObjects(remote, [object]);
    let isEnded = false;
    const waiting = withMethods({
      read: (_, options) =>
        new Promise((_, reject) => {
          options!.signal!.addEventListener('abort', () => {
            isEnded = true;
            reject(options!.signal!.reason);
          });
        }),
    });
    const tooLong = { ...toPull(object), path: join(folder, 'x'.repeat(300)) };
    await expect(pullObjects(waiting, [toPull(object), tooLong], { jobs: 2 })).rejects.toThrow(
      'ENAMETOOLONG',
    );
    expect(isEnded).toBe(true);
  });

  it('says what is in the way of a file', async () => {
    const object = toPush('hello');
    await pushObjects(remote, [object]);
    mkdirSync(join(toPull(object).path, 'folder'), { recursive: true });
    await expect(pullObjects(remote, [toPull(object)])).rejects.toMatchObject({
      code: 'SYSTEM_REFUSED',
      message: expect.stringContaining('a folder is in the way'),
    });
  });
});

describe('progress', () => {
  it('shows bytes and objects', async () => {
    const shown: string[] = [];
    const progress: ProgressFactory = (label, total, unit) => ({
      update: (done, note) => shown.push(`${label} ${done}/${total} ${unit}, ${note}`),
      stop: () => shown.push('end'),
    });
    const objects = [toPush(patternOf(3_000_000), 'big'), toPush('small', 'small')];
    await pushObjects(remote, objects, { progress, jobs: 1 });
    expect(shown.at(-1)).toBe('end');
    expect(shown[0]).toMatch(/^push \d\/3 MB, 0\/2 objects$/);
    expect(shown.at(-2)).toBe('push 3/3 MB, 2/2 objects');
  });
});
