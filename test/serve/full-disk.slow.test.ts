// `veracity serve` as a process on a full disk, on a read-only one, and with few open files allowed. The disk is a small
// tmpfs, which only a process with the right to mount can make.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createRealModel } from './real-model.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const mountProblem = findMountProblem();
if (mountProblem !== null) console.log(`full-disk tests are skipped: ${mountProblem}`);

let root = '';
let disk = '';
const children: ChildProcess[] = [];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-disk-'));
  createRealModel(join(root, 'model'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  if (disk !== '') execFileSync('umount', ['-l', disk]);
  disk = '';
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Why no tmpfs can be mounted here; null: it can. */
function findMountProblem(): string | null {
  const place = mkdtempSync(join(tmpdir(), 'veracity-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'pipe' });
    execFileSync('umount', [place]);
    return null;
  } catch (error) {
    return `this process may not mount (${String(error).split('\n')[0]})`;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function mountDisk(): void {
  disk = join(root, 'disk');
  mkdirSync(disk, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3600k', 'tmpfs', disk]);
}

/** Starts a server whose log goes to a file, as under most supervisors. */
async function serve(
  home: string,
  logFile: string,
  before = '',
): Promise<{ child: ChildProcess; url: string }> {
  const log = openSync(logFile, 'a');
  const command = `${before} exec "$0" "$@"`;
  const args = [
    process.execPath,
    CLI,
    'serve',
    '--port',
    '0',
    '--model',
    join(root, 'model'),
    'serve.workers=1',
  ];
  const child = spawn('sh', ['-c', command, ...args], {
    cwd: root,
    env: { ...process.env, VERACITY_HOME: home },
    stdio: ['ignore', 'ignore', log],
  });
  children.push(child);
  const readUrl = () => /serving .* at (http:\S+)/.exec(readFileSync(logFile, 'utf8'))?.[1] ?? '';
  await expect.poll(readUrl).toMatch(/^http/);
  return { child, url: readUrl() };
}

let asked = 0;
async function ask(url: string): Promise<string | null> {
  const body = JSON.stringify({
    title: `Ferry ${asked++}`,
    text: 'The ferry sailed on Tuesday. '.repeat(20),
  });
  const response = await fetch(`${url}/v1/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { predictionId: string | null }).predictionId;
}
const readIncidents = async (url: string) =>
  ((await (await fetch(`${url}/readyz`)).json()) as { incidents: Record<string, unknown>[] }).incidents;
const findIncidents = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}')) // a full disk may have cut one
    .map((line) => JSON.parse(line) as { incident?: string; msg: string })
    .filter(({ incident }) => incident !== undefined);

test.skipIf(mountProblem !== null)(
  'with a full disk: one log line, no new ids, no empty segment; and it goes on once there is space',
  async () => {
    mountDisk();
    const log = join(root, 'full.log');
    const { child, url } = await serve(join(disk, 'home'), log);
    const kept = await ask(url);
    writeFileSync(join(disk, 'filler'), '');
    expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(8_000_000))).toThrow('ENOSPC');
    const before: (string | null)[] = [];
    await expect
      .poll(async () => {
        before.push(await ask(url));
        return before.at(-1);
      })
      .toBe(null);
    for (let i = 0; i < 60; i++) {
      await ask(url);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const segments = () => readdirSync(join(disk, 'home', 'predictions'));
    expect(segments().length).toBeLessThanOrEqual(1);
    for (const name of segments())
      expect(statSync(join(disk, 'home', 'predictions', name)).size).toBeGreaterThan(0);
    expect(await readIncidents(url)).toMatchObject([{ code: 'RECEIPTS_LOST', reason: 'ENOSPC' }]);
    expect(findIncidents(readFileSync(log, 'utf8')).length).toBe(1);

    rmSync(join(disk, 'filler'));
    await expect.poll(() => readIncidents(url)).toEqual([]);
    const after = await ask(url);
    child.kill('SIGTERM');
    await new Promise((resolve) => child.on('close', resolve));
    const text = segments()
      .map((name) => readFileSync(join(disk, 'home', 'predictions', name), 'utf8'))
      .join('');
    for (const id of [kept, ...before, after]) if (id !== null) expect(text).toContain(`{"id":"${id}"`);
    expect(after).not.toBe(null);
    for (const line of text.trim().split('\n')) JSON.parse(line);
    expect(findIncidents(readFileSync(log, 'utf8')).map(({ msg }) => msg)).toEqual([
      'predictions get no receipt: the disk is full',
      'over: predictions get no receipt: the disk is full',
    ]);
  },
);

test.skipIf(mountProblem !== null)(
  'with its log on the full disk: it predicts, and tells of the lost lines',
  async () => {
    mountDisk();
    const log = join(disk, 'server.log');
    const { url } = await serve(join(root, 'home'), log);
    await ask(url);
    expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(8_000_000))).toThrow('ENOSPC');
    for (let i = 0; i < 100; i++) await ask(url);
    expect(await readIncidents(url)).toMatchObject([{ code: 'LOG_LINES_LOST', reason: 'ENOSPC' }]);
    rmSync(join(disk, 'filler'));
    await ask(url);
    await expect.poll(() => readIncidents(url)).toEqual([]);
    expect(findIncidents(readFileSync(log, 'utf8'))).toMatchObject([
      { msg: 'over: log lines are lost: the disk is full' },
    ]);
  },
);

test.skipIf(mountProblem !== null)(
  'with a read-only home: it serves, and says why there are no receipts',
  async () => {
    mountDisk();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const log = join(root, 'read-only.log');
    const { url } = await serve(join(disk, 'home'), log);
    await expect.poll(() => ask(url)).toBe(null);
    expect(await readIncidents(url)).toMatchObject([
      {
        code: 'RECEIPTS_LOST',
        reason: 'EROFS',
        message: expect.stringContaining('the file system is read-only'),
      },
    ]);
    expect(findIncidents(readFileSync(log, 'utf8')).length).toBe(1);
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await expect.poll(() => readIncidents(url)).toEqual([]);
    expect(await ask(url)).not.toBe(null);
  },
);

test.skipIf(process.platform !== 'linux')(
  'reports connections beyond its open files, and goes on',
  async () => {
    const log = join(root, 'connections.log');
    const { url } = await serve(join(root, 'home'), log, 'ulimit -n 64;');
    const port = Number(new URL(url).port);
    let closed = 0;
    const sockets: Socket[] = [];
    for (let i = 0; i < 80; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {}).on('close', () => closed++);
      sockets.push(socket);
    }
    await expect.poll(() => closed).toBeGreaterThan(30);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => ask(url).catch(() => null)).not.toBe(null);
    const [incident] = await readIncidents(url);
    expect(incident).toMatchObject({ code: 'CONNECTIONS_REFUSED', reason: 'EMFILE' });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain(`veracity_connections_refused_total ${incident!.lost}`);
    expect(findIncidents(readFileSync(log, 'utf8')).length).toBe(1);
  },
);
