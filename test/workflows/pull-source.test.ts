// `data pull NAME` against real HTTP servers on this machine: an archive or single files, interruptions, logins, wrong content.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appError } from '../../src/foundation/core/index.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { dataPullCommand } from '../../src/program/commands/data-pull.ts';
import { namesSource } from '../../src/program/commands/source-output.ts';
import { isDataSource } from '../../src/workflows/configuration/source-config.ts';
import { pullSource } from '../../src/workflows/sources/pull-source.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';
import { type Member, zip } from '../fixtures/zip-archive.ts';

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pull-source-'));
  mkdirSync(join(folder, 'configs/source'), { recursive: true });
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

const content = {
  'good.csv': 'title,label\nFerry,A\n'.repeat(400),
  'bad.csv': 'title,label\nMoon,B\n'.repeat(300),
};
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const archive = (members: readonly Member[] = entries): Buffer => zip(members);
const entries = Object.entries(content).map(([name, bytes]) => ({ name: `set/${name}`, bytes, method: 0 }));

function configure(urls: readonly string[], more: Record<string, unknown> = {}): void {
  const files = Object.entries(content).map(([name, text]) => ({
    name,
    size_bytes: Buffer.byteLength(text),
    md5: md5(text),
  }));
  const source = {
    name: 'tiny',
    page: 'https://example.org/tiny',
    folder: 'data/tiny',
    files,
    next: 'look at it',
  };
  writeFileSync(join(folder, 'configs/source/tiny.yaml'), JSON.stringify({ ...source, urls, ...more }));
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers with bytes, also with a part of them. */
function send(bytes: Buffer, request: IncomingMessage, response: ServerResponse, dropAfter?: number): void {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': part.length,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  if (dropAfter === undefined) response.end(part);
  else response.write(part.subarray(0, dropAfter), () => setTimeout(() => response.destroy(), 20));
}

function pull(overrides: readonly string[] = [], said: string[] = [], signal?: AbortSignal) {
  const context = createQuietContext(locateHome(join(folder, 'home')), folder, {
    say: (line) => said.push(line),
    warn: (line) => said.push(line),
    ...(signal && { signal }),
  });
  return pullSource('tiny', overrides, context, { retryDelayMs: 1 });
}
const inFolder = (): string[] => readdirSync(join(folder, 'data/tiny')).sort();

describe('data pull NAME', () => {
  it('fetches an archive, checks its files and puts them into the folder', async () => {
    configure([`${await serve((request, response) => send(archive(), request, response))}/tiny.zip`]);
    expect(await pull()).toMatchObject({
      source: 'tiny',
      folder: join(folder, 'data/tiny'),
      files: [
        { name: 'good.csv', sizeBytes: 8000, md5: md5(content['good.csv']), fetched: true },
        { name: 'bad.csv', fetched: true },
      ],
      next: 'look at it',
    });
    expect(inFolder()).toEqual(['bad.csv', 'good.csv']);
    expect(readFileSync(join(folder, 'data/tiny/good.csv'), 'utf8')).toBe(content['good.csv']);
    expect(readdirSync(join(folder, 'home/cache/sources/tiny'))).toEqual([]);
    const again = await pull();
    expect(again.files.map(({ fetched }) => fetched)).toEqual([false, false]);
  });

  it('fetches single files, only those that are missing, from {file}', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      send(Buffer.from(content[request.url?.slice(3) as keyof typeof content]), request, response);
    });
    configure([`${url}/m/{file}`]);
    mkdirSync(join(folder, 'data/tiny'), { recursive: true });
    writeFileSync(join(folder, 'data/tiny/good.csv'), content['good.csv']);
    const { files } = await pull();
    expect(files.map(({ fetched }) => fetched)).toEqual([false, true]);
    expect(asked).toEqual(['/m/bad.csv']);
  });

  it('takes an archive that lies on this machine, and leaves it there', async () => {
    configure(['https://example.org/nothing.zip']);
    writeFileSync(join(folder, 'archive.zip'), archive());
    await pull([`source.urls=[${join(folder, 'archive.zip')}]`]);
    expect(inFolder()).toEqual(['bad.csv', 'good.csv']);
    expect(readdirSync(folder)).toContain('archive.zip');
  });

  it('goes on where the connection broke', async () => {
    const starts: string[] = [];
    const url = await serve((request, response) => {
      starts.push(request.headers.range ?? 'all');
      send(archive(), request, response, starts.length < 3 ? 3000 : undefined);
    });
    configure([url]);
    await pull();
    expect(starts).toHaveLength(3);
    expect(starts.slice(1).every((range) => /^bytes=\d+-$/.test(range))).toBe(true);
    expect(inFolder()).toEqual(['bad.csv', 'good.csv']);
  });

  it('keeps what arrived for the next call, and says what to do where nothing answers', async () => {
    let isUp = false;
    const ranges: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      ranges.push(request.headers.range);
      if (isUp) send(archive(), request, response);
      else if (ranges.length === 1) send(archive(), request, response, 4000);
      else response.destroy();
    });
    configure([url]);
    await expect(pull()).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringMatching(/^tiny: expected an answer from 127\.0\.0\.1:\d+, got none/),
      hint: expect.stringMatching(/https:\/\/example\.org\/tiny .*data\/tiny .*source\.urls=/),
    });
    isUp = true;
    ranges.length = 0;
    await pull();
    expect(ranges).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  it('keeps what arrived when it is stopped, and what another process downloads', async () => {
    const controller = new AbortController();
    let isStopped = false;
    const ranges: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      ranges.push(request.headers.range);
      if (isStopped) send(archive(), request, response);
      else {
        response.writeHead(200, { 'content-length': archive().length });
        response.write(archive().subarray(0, 4000), () => setTimeout(() => controller.abort(stopped), 50));
      }
    });
    const stopped = appError('STOPPED', {});
    configure([url]);
    const others = join(folder, 'home/cache/sources/tiny/other.part');
    mkdirSync(dirname(others), { recursive: true });
    writeFileSync(others, 'half');
    await expect(pull([], [], controller.signal)).rejects.toMatchObject({ code: 'STOPPED' });
    isStopped = true;
    await pull();
    expect(ranges).toEqual([undefined, 'bytes=4000-']);
    expect(readFileSync(others, 'utf8')).toBe('half');
  });

  it.each(['100%.zip', 'a%20b.zip', 'a?b#c.zip'])(
    'takes a file of the name %s as it is spelt',
    async (name) => {
      configure(['https://example.org/nothing.zip']);
      writeFileSync(join(folder, name), archive());
      await pull([`source.urls=["./${name}"]`]);
      expect(inFolder()).toEqual(['bad.csv', 'good.csv']);
    },
  );

  it('takes single files of a folder on this machine', async () => {
    const files = [{ name: 'a b.csv', size_bytes: 5, md5: null }];
    configure(['mirror/{file}'], { files });
    mkdirSync(join(folder, 'mirror'));
    writeFileSync(join(folder, 'mirror/a b.csv'), 'x\n1\n2');
    await pull();
    expect(inFolder()).toEqual(['a b.csv']);
  });

  it('tries the next address, and says so', async () => {
    const gone = await serve((_, response) => response.writeHead(404).end());
    const url = await serve((request, response) => send(archive(), request, response));
    configure([`${gone}/a.zip`, `${url}/a.zip`]);
    const said: string[] = [];
    await pull([], said);
    expect(said).toContainEqual(expect.stringMatching(/got status 404; trying the next address$/));
    expect(inFolder()).toEqual(['bad.csv', 'good.csv']);
  });

  it('sends the login to the host of the address only, and says where to get one', async () => {
    const seen: Record<string, string | undefined> = {};
    const storage = await serve((request, response) => {
      seen.storage = request.headers.authorization;
      send(archive(), request, response);
    });
    const url = await serve((request, response) => {
      seen.host = request.headers.authorization;
      if (seen.host === undefined) response.writeHead(401).end();
      else response.writeHead(302, { location: `${storage}/signed?key=1` }).end();
    });
    configure([url], { login: { user: null, key: null, help: 'Create a token at example.org.' } });
    await expect(pull()).rejects.toMatchObject({
      code: 'SOURCE_LOGIN',
      exitCode: 2,
      message: expect.stringContaining('got status 401 without a login'),
      hint: expect.stringMatching(/^Create a token at example\.org\. Or download the files by hand/),
    });
    configure([url], { login: { user: 'ann', key: 'secret-key', help: '' } });
    await pull();
    expect(seen).toEqual({
      host: `Basic ${Buffer.from('ann:secret-key').toString('base64')}`,
      storage: undefined,
    });
  });

  it.each<[string, Buffer, string, RegExp]>([
    [
      'a sign-in page',
      Buffer.from('<!DOCTYPE html><title>Sign in</title>'),
      'SOURCE_LOGIN',
      /got a web page/,
    ],
    [
      'a file that is no archive',
      Buffer.from('title,label\n'),
      'SOURCE_REFUSED',
      /a file where a zip archive of 2 files/,
    ],
    [
      'an archive without the files',
      archive([{ name: 'x.csv', bytes: '' }]),
      'SOURCE_REFUSED',
      /an archive without good\.csv/,
    ],
    [
      'another edition',
      archive([{ name: 'good.csv', bytes: content['good.csv'].replace('Ferry', 'Fairy') }, entries[1]!]),
      'SOURCE_FILE_MISMATCH',
      /good\.csv with md5 /,
    ],
    [
      'a shorter file',
      archive([{ name: 'good.csv', bytes: 'short' }, entries[1]!]),
      'SOURCE_FILE_MISMATCH',
      /with 8000 bytes, got 5/,
    ],
    [
      'a longer file',
      archive([{ name: 'good.csv', bytes: 'x'.repeat(9000) }, entries[1]!]),
      'SOURCE_FILE_MISMATCH',
      /with 8000 bytes, got more/,
    ],
    [
      'a path that leaves the archive',
      archive([{ name: '../good.csv', bytes: content['good.csv'] }, entries[1]!]),
      'DATA_FILE_INVALID',
      /unsafe path/,
    ],
    [
      'a link',
      archive([{ name: 'good.csv', bytes: '/etc/passwd', link: true, method: 0 }, entries[1]!]),
      'SOURCE_REFUSED',
      /without good\.csv/,
    ],
  ])('refuses %s, and takes nothing of it for the next call', async (_, bytes, code, message) => {
    let served = bytes;
    const url = await serve((request, response) => send(served, request, response));
    configure([url]);
    await expect(pull()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    served = archive();
    await pull();
    expect(inFolder()).toEqual(['bad.csv', 'good.csv']);
  });

  it.each([
    'https://me:SECRET@host:badport/a.zip',
    'ftp://me:SECRET@host/a.zip',
    'https://host:bad/a?sig=SECRET',
  ])('shows an address that cannot be read without its secret: %s', async (url) => {
    configure([url]);
    const error: unknown = await pull().catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('host');
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('SECRET');
  });

  it('does not overwrite a file of the same name with other content', async () => {
    configure(['https://example.org/nothing.zip']);
    mkdirSync(join(folder, 'data/tiny'), { recursive: true });
    writeFileSync(join(folder, 'data/tiny/good.csv'), 'mine');
    await expect(pull()).rejects.toMatchObject({
      code: 'SOURCE_FILE_MISMATCH',
      hint: expect.stringContaining('Move it away'),
    });
    expect(readFileSync(join(folder, 'data/tiny/good.csv'), 'utf8')).toBe('mine');
  });

  it('is what the command does with the name of a source, unless a path has that name', async () => {
    configure(['https://example.org/nothing.zip']);
    writeFileSync(join(folder, 'archive.zip'), archive());
    const context = createQuietContext(locateHome(join(folder, 'home')), folder, {});
    const args = ['tiny', `source.urls=[${join(folder, 'archive.zip')}]`];
    const { text } = await dataPullCommand.run({ args, options: {} }, context);
    expect(text).toMatch(
      /^good\.csv .* md5 [0-9a-f]{32} {2}fetched\n[\s\S]*data\/tiny \([\d.]+ s\)\nnext: look at it$/,
    );
    expect(namesSource(['none'], context)).toBe(false);
    expect(namesSource(['tiny', 'isot'], context)).toBe(false);
    mkdirSync(join(folder, 'tiny'));
    expect(namesSource(['tiny'], context)).toBe(false);
  });

  it('finds its sources in configs/source, and takes no names of files with folders', async () => {
    configure(['https://example.org/nothing.zip'], { files: [{ name: '../up.csv' }] });
    expect(['tiny', 'isot', 'none'].map((name) => isDataSource(name, { workingDirectory: folder }))).toEqual([
      true,
      true,
      false,
    ]);
    await expect(pull()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
