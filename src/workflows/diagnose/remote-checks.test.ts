import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appError } from '../../foundation/core/index.ts';
import { openRemote, type Remote } from '../../keeping/remotes/index.ts';
import { checkRemote } from './remote-checks.ts';

let folder: string;
let remote: Remote;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-checks-'));
  remote = await openRemote({ name: null, url: folder });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refuse = async (): Promise<never> => {
  throw appError('REMOTE_FORBIDDEN', { url: 'the remote', action: 'read', reason: 'no' });
};
/** Never answers, until the signal ends it. */
const wait = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));

/** What is told of the rights; the remote has some of its methods replaced. */
async function rightsOf(methods: Partial<Remote>) {
  const changed: Remote = {
    kind: remote.kind,
    url: remote.url,
    isReadOnly: false,
    list: (...given) => remote.list(...given),
    stat: (...given) => remote.stat(...given),
    read: (...given) => remote.read(...given),
    write: (...given) => remote.write(...given),
    delete: (...given) => remote.delete(...given),
    measureClock: () => remote.measureClock(),
    ...methods,
  };
  const told = await checkRemote(async () => changed, 100);
  expect(told.map(({ kind }) => kind)).toEqual(['remote', 'remote-rights']);
  return told[1]!;
}

describe('the probe of a remote', () => {
  it.each<[string, Partial<Remote>, RegExp]>([
    ['is refused to be read', { read: refuse }, /^may list, write, may not read: /],
    [
      'is not answered when it is read',
      { read: (_, options) => wait(options?.signal) },
      /^read: no answer within 0.1 s/,
    ],
    [
      'comes back with other bytes',
      { read: async () => Readable.from([Buffer.from('x')]) },
      /with other bytes$/,
    ],
    [
      'is written, but not answered',
      { write: (key, source, options) => remote.write(key, source).then(() => wait(options?.signal)) },
      /^write: no answer within 0.1 s/,
    ],
  ])('that %s is deleted', async (_, methods, found) => {
    expect(await rightsOf(methods)).toMatchObject({ status: 'fail', found: expect.stringMatching(found) });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[string, Partial<Remote>, string]>([
    ['is refused to be deleted', { delete: refuse }, 'warn'],
    ['is not answered when it is deleted', { delete: (_, options) => wait(options?.signal) }, 'fail'],
    ['is refused to be read and to be deleted', { read: refuse, delete: refuse }, 'fail'],
  ])('that %s is named', async (_, methods, status) => {
    const told = await rightsOf(methods);
    expect(told.status).toBe(status);
    const [, key] = /; the probe stays there: (\S+)$/.exec(told.found) ?? [];
    expect(await remote.stat(key!)).not.toBeNull();
  });

  it('that is refused to be written is not said to stay', async () => {
    const told = await rightsOf({ write: refuse, delete: refuse });
    expect(told).toMatchObject({
      status: 'fail',
      found: expect.stringMatching(/^may list, may not write: /),
    });
    expect(told.found).not.toContain('stays');
  });
});
