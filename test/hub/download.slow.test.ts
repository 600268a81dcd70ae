// Tests downloads with lost connections, wrong bytes, full disks, and two processes at a time.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHubHome, type HubHome } from './hub-fixture.ts';
import { startHubServer, tinyRepository } from './hub-server.ts';

const FILE = 'model.safetensors';
const files = tinyRepository();
const weights = files[FILE]!;
const etag = createHash('sha256').update(weights).digest('hex');

let home: HubHome;
beforeEach(() => {
  home = createHubHome();
});
afterEach(() => home[Symbol.dispose]());

const resting = (): string => join(home.model, 'blobs', `${etag}.incomplete`);
const leavePart = (bytes: Buffer): void => {
  mkdirSync(join(home.model, 'blobs'), { recursive: true });
  writeFileSync(resting(), bytes);
};
/** Resolves when the given number of bytes is on the disk, or the client has closed the connection. */
const beforeDrop = async (endBytes: number, isGone: () => boolean): Promise<void> => {
  const blobs = join(home.model, 'blobs');
  const part = (): string | undefined => readdirSync(blobs).find((file) => file.startsWith(`${etag}.`));
  while (!isGone() && statSync(join(blobs, part() ?? ''), { throwIfNoEntry: false })?.size !== endBytes)
    await new Promise(setImmediate);
};
const expectWhole = (folder: string): void => {
  expect(readFileSync(join(folder, FILE)).equals(weights)).toBe(true);
  expect(readdirSync(join(home.model, 'blobs')).filter((file) => file.endsWith('.incomplete'))).toEqual([]);
};

describe('a lost connection', () => {
  it('is resumed by Range from the downloaded bytes', async () => {
    await using server = await startHubServer({
      files,
      dropAfter: { [FILE]: [100_000, 50_000] },
      beforeDrop,
    });
    const { folder } = await home.load(server.endpoint);
    expectWhole(folder);
    expect(server.readsOf(FILE).map(({ range }) => range)).toEqual([
      undefined,
      'bytes=100000-',
      'bytes=150000-',
    ]);
    expect(home.said[0]).toMatch(/^model\.safetensors: connection lost \(.+\); resuming at 0 MB$/);
  });

  it('is retried as long as each attempt brings new bytes', async () => {
    await using server = await startHubServer({
      files,
      dropAfter: { [FILE]: Array(12).fill(10_000) },
      beforeDrop,
    });
    expectWhole((await home.load(server.endpoint)).folder);
    expect(server.readsOf(FILE)).toHaveLength(13);
  });

  it('may lose bytes that were in transit', async () => {
    const dropAfter = { [FILE]: [100_000, 100_000, 0, 90_000], 'config.json': [3] };
    await using server = await startHubServer({ files, dropAfter });
    expectWhole((await home.load(server.endpoint)).folder);
  });

  it('starts again if the server sends the whole file instead of the rest', async () => {
    await using server = await startHubServer({
      files,
      dropAfter: { [FILE]: [100_000] },
      ignoreRange: true,
      beforeDrop,
    });
    expectWhole((await home.load(server.endpoint)).folder);
  });

  it('fails after five attempts without a byte, keeps the downloaded bytes, and the next run resumes there', async () => {
    const dropAfter = { [FILE]: [200_000, 0, 0, 0, 0, 0] };
    await using server = await startHubServer({ files, dropAfter, beforeDrop });
    const error = await home.fail(server.endpoint);
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(readFileSync(resting()).equals(weights.subarray(0, 200_000))).toBe(true);
    expect(existsSync(join(home.model, 'refs', 'main'))).toBe(false);
    expectWhole((await home.load(server.endpoint)).folder);
    expect(server.readsOf(FILE).at(-1)?.range).toBe('bytes=200000-');
  });

  it('is retried if the server is busy', async () => {
    let refusals = 2;
    await using server = await startHubServer({
      files,
      answer: (_, response) => refusals-- > 0 && response.writeHead(503).end() !== null,
    });
    expectWhole((await home.load(server.endpoint)).folder);
  });

  it('ends with a timeout if the server goes silent', async () => {
    await using server = await startHubServer({ files, gate: new Promise(() => {}) });
    const error = await home.fail(server.endpoint, { env: { HF_HUB_DOWNLOAD_TIMEOUT: '0.05' } });
    expect(error.message).toContain('no answer for 0.05 s');
  });
});

describe('Ctrl-C', () => {
  it('stops with the reason of the signal and keeps the downloaded bytes', async () => {
    await using server = await startHubServer({ files, gate: new Promise(() => {}) });
    const stop = new AbortController();
    const failed = home.fail(server.endpoint, {
      signal: stop.signal,
      progress: () => ({
        update: () => existsPart() && stop.abort(new Error('asked to stop')),
        stop: () => {},
      }),
    });
    expect((await failed).message).toBe('asked to stop');
    expect(readFileSync(resting()).equals(weights.subarray(0, 150_000))).toBe(true);
  });

  const existsPart = (): boolean => {
    const own = readdirSync(join(home.model, 'blobs')).find((file) => file.startsWith(`${etag}.`));
    return own !== undefined && readFileSync(join(home.model, 'blobs', own)).byteLength === 150_000;
  };
});

describe('a partial file of an earlier run', () => {
  it('is resumed', async () => {
    leavePart(weights.subarray(0, 123_456));
    await using server = await startHubServer({ files });
    expectWhole((await home.load(server.endpoint)).folder);
    expect(server.readsOf(FILE).map(({ range }) => range)).toEqual(['bytes=123456-']);
  });

  it('is resumed if its process was killed', async () => {
    const dead = spawn(process.execPath, ['--version']);
    await once(dead, 'exit');
    leavePart(weights.subarray(0, 1000));
    await using server = await startHubServer({ files });
    const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
    renameSync(resting(), join(home.model, 'blobs', `${etag}.${host}-${dead.pid}-0011aabb.incomplete`));
    expectWhole((await home.load(server.endpoint)).folder);
    expect(server.readsOf(FILE).at(-1)?.range).toBe('bytes=1000-');
  });

  it('is resumed if another machine wrote it and has made no progress for a long time', async () => {
    leavePart(weights.subarray(0, 1000));
    const part = join(home.model, 'blobs', `${etag}.00000000-1-0011aabb.incomplete`);
    renameSync(resting(), part);
    utimesSync(part, 1, 1);
    await using server = await startHubServer({ files });
    expectWhole((await home.load(server.endpoint)).folder);
    expect(server.readsOf(FILE).map(({ range }) => range)).toEqual(['bytes=1000-']);
  });

  it('is not removed if another program marked it', async () => {
    mkdirSync(join(home.model, 'blobs'), { recursive: true });
    const part = join(home.model, 'blobs', `${etag}.0a1b2c3d.incomplete`); // as huggingface_hub does
    writeFileSync(part, weights.subarray(0, 1000));
    await using server = await startHubServer({ files });
    await home.load(server.endpoint);
    expect(server.readsOf(FILE).map(({ range }) => range)).toEqual([undefined]);
    expect(existsSync(part)).toBe(true);
  });

  it.each([
    ['of another file', Buffer.alloc(1000, 1)],
    ['that is too long', Buffer.alloc(weights.byteLength + 1)],
    ['that is as long but another', Buffer.alloc(weights.byteLength)],
  ])('is thrown away where it is one %s', async (_, part) => {
    leavePart(part);
    await using server = await startHubServer({ files });
    expectWhole((await home.load(server.endpoint)).folder);
    expect(home.said.join()).toContain('downloading it again');
  });

  it('needs no request if it is complete', async () => {
    leavePart(weights);
    await using server = await startHubServer({ files });
    expectWhole((await home.load(server.endpoint)).folder);
    expect(server.readsOf(FILE)).toEqual([]);
  });
});

describe('wrong bytes', () => {
  it('are refused by their sha256 and deleted', async () => {
    await using server = await startHubServer({ files, linkedEtag: 'a'.repeat(64) });
    const error = await home.fail(server.endpoint);
    expect(error.code).toBe('HUB_FILE_MISMATCH');
    expect(error.message).toContain(`expected ${FILE} of org/tiny to have sha256 aaaa`);
    expect(readdirSync(join(home.model, 'blobs')).filter((file) => file.startsWith('a'.repeat(64)))).toEqual(
      [],
    );
  });

  it.each([299_999, 300_001])(
    'are refused by their size where %i bytes were announced',
    async (linkedSize) => {
      await using server = await startHubServer({ files, linkedSize });
      const error = await home.fail(server.endpoint);
      expect(error.code).toBe('HUB_FILE_MISMATCH');
      expect(error.message).toContain(`${linkedSize} bytes, got 300000 bytes`);
      expect(existsSync(resting())).toBe(false);
    },
  );

  it('are refused if a file has no etag, or one that cannot be a file name', async () => {
    await using server = await startHubServer({ files, linkedEtag: '../../evil' });
    expect((await home.fail(server.endpoint)).message).toContain(`no etag for ${FILE}`);
  });
});

describe('a full disk', () => {
  it('is detected in advance from the announced sizes', async () => {
    await using server = await startHubServer({ files, linkedSize: 1e18 });
    const error = await home.fail(server.endpoint);
    expect(error.code).toBe('HUB_SPACE_LACKING');
    expect(error.message).toContain('expected 1,000,000,000,000 MB of free space for org/tiny');
    expect(server.readsOf(FILE)).toEqual([]);
  });

  it('during the download ends in DISK_FULL and keeps the downloaded bytes', async () => {
    await using server = await startHubServer({ files });
    const limit = ['-c', 'ulimit -f 128; exec "$@"', 'sh'];
    const { stdout } = await runLoader(server.endpoint, ['sh', ...limit]);
    expect(stdout).toContain('DISK_FULL');
    expect(readFileSync(resting()).equals(weights.subarray(0, readFileSync(resting()).byteLength))).toBe(
      true,
    );
    expectWhole((await home.load(server.endpoint)).folder);
    expect(server.readsOf(FILE).at(-1)?.range).toMatch(/^bytes=\d{5,6}-$/);
  });
});

describe('two processes', () => {
  it('share one download: the second waits for the first', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await using server = await startHubServer({ files, gate });
    const first = runLoader(server.endpoint);
    await server.waitForReads(5); // four small files and the weights
    const second = home.load(server.endpoint, {
      say: (line) => {
        home.said.push(line);
        open();
      },
    });
    expectWhole((await second).folder);
    expect((await first).stdout).toContain(join(home.model, 'snapshots'));
    expect(home.said).toEqual([`${FILE}: another process is downloading it; waiting`]);
    expect(server.readsOf(FILE)).toHaveLength(1);
  });

  it('end with the same complete file if they start together', async () => {
    await using server = await startHubServer({ files });
    const [one, two] = await Promise.all([runLoader(server.endpoint), runLoader(server.endpoint)]);
    expect(one.stdout).toBe(two.stdout);
    expectWhole(one.stdout.trim());
  });

  it('do not wait for one that makes no progress', async () => {
    await using stuck = await startHubServer({ files, gate: new Promise(() => {}) });
    const stop = new AbortController();
    const first = home.fail(stuck.endpoint, { signal: stop.signal });
    await stuck.waitForReads(5);
    await using server = await startHubServer({ files });
    const second = await home.load(server.endpoint, { env: { HF_HUB_DOWNLOAD_TIMEOUT: '0.2' } });
    expect(readFileSync(join(second.folder, FILE)).equals(weights)).toBe(true);
    stop.abort(new Error('asked to stop'));
    await first;
  });
});

/** Loads in a separate process, whose standard output is the folder or the code of the error. */
async function runLoader(endpoint: string, prefix: readonly string[] = []): Promise<{ stdout: string }> {
  const loader = [process.execPath, '--import', 'tsx', join(import.meta.dirname, 'load-in-process.ts')];
  const [command, ...args] = [...prefix, ...loader];
  const child = spawn(command!, args, {
    env: { PATH: process.env.PATH, ...home.env({ HF_ENDPOINT: endpoint }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
  });
  await once(child, 'close');
  return { stdout };
}
