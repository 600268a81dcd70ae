// Kills a process that pushes or pulls, at 20 random moments each way: afterwards every object that is there is whole, and the
// same command completes the rest. Objects that are damaged at random places are named.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/foundation/core/index.ts';
import { ContentHash } from '../../src/keeping/dvc/index.ts';
import {
  openRemote,
  type PushedObject,
  pullObjects,
  pushObjects,
  type Remote,
  type RemoteSettings,
} from '../../src/keeping/remotes/index.ts';
import { builtModule } from '../conformance/place.ts';
import { md5Of, patternOf } from '../conformance/remote.ts';
import {
  gcsProgram,
  type ObjectServer,
  type S3Server,
  s3Program,
  startGcsServer,
  startS3Server,
} from '../fixtures/object-servers.ts';

const KILLS = 20;
/** Each place draws its moments from it; another one is tried with VERACITY_TEST_SEED. */
const SEED = Number(process.env.VERACITY_TEST_SEED ?? 20_261_130);
/** A run that ends before its kill is none. */
const MAX_RUNS = 10 * KILLS;

let folder: string;
let objects: PushedObject[];
beforeAll(() => {
  console.log(`moments and places of VERACITY_TEST_SEED=${SEED}`);
  folder = mkdtempSync(join(tmpdir(), 'veracity-kills-'));
  const sizes = [...Array.from({ length: 60 }, (_, i) => 37 * i * i), 12_000_000, 17_000_001];
  objects = sizes.map((sizeBytes, i) => {
    const bytes = patternOf(sizeBytes, i + 1);
    const path = join(folder, `source-${i}`);
    writeFileSync(path, bytes);
    const md5 = md5Of(bytes);
    return { key: `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`, path, sizeBytes, md5 };
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Source of a program that pushes or pulls all objects. */
const programOf = (verb: 'push' | 'pull', settings: RemoteSettings, moved: readonly object[]): string => `
  import { openRemote, ${verb}Objects } from '${builtModule('keeping/remotes/index.js')}';
  const remote = await openRemote(${JSON.stringify(settings)});
  const result = await ${verb}Objects(remote, ${JSON.stringify(moved)});
  if (result.failed.length > 0) throw new Error(JSON.stringify(result.failed));
  console.log(JSON.stringify({ ...result, maxRssKb: process.resourceUsage().maxRSS }));`;

/** Runs a program; kills it after a time, if one is given. @returns what it printed, and null if it was killed before its end */
async function runProgram(path: string, killAfterMs?: number): Promise<string | null> {
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (bytes) => {
    said += bytes;
  });
  const ended = once(child, 'close');
  if (killAfterMs !== undefined) {
    await Promise.race([pause(killAfterMs), ended]);
    child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  if (signal === 'SIGKILL') return null;
  expect(code).toBe(0);
  return said;
}

async function md5OfStream(stream: AsyncIterable<unknown>): Promise<string> {
  const hash = new ContentHash('md5');
  for await (const piece of stream) hash.update(piece as Buffer);
  return hash.finish().md5;
}

/** How many objects are there; each of them must be whole. */
async function countWhole(remote: Remote): Promise<number> {
  const expected = new Map(objects.map((object) => [object.key, object]));
  let count = 0;
  for await (const { key, sizeBytes } of remote.list('')) {
    expect(sizeBytes).toBe(expected.get(key)!.sizeBytes);
    expect(await md5OfStream(await remote.read(key))).toBe(expected.get(key)!.md5);
    count++;
  }
  return count;
}

interface Place {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A new, empty remote. */
  create(): Promise<RemoteSettings>;
}

function describeKills(name: string, place: Place): void {
  describe(`a process that is killed, with ${name},`, () => {
    const random = createRandom(SEED);
    let scratch: string;
    beforeAll(() => place.start(), 60_000);
    afterAll(() => place.stop());
    beforeEach(() => {
      scratch = mkdtempSync(join(folder, 'run-'));
    });

    it(`leaves only whole objects when it pushes, at ${KILLS} random moments, and the next one goes on`, async () => {
      const script = join(scratch, 'push.mjs');
      const uploadsFolder = join(scratch, 'uploads');
      const begin = async (): Promise<RemoteSettings> => {
        const settings = { ...(await place.create()), uploadsFolder };
        writeFileSync(script, programOf('push', settings, objects));
        return settings;
      };
      let settings = await begin();
      const startMs = performance.now();
      await runProgram(script);
      const wholeMs = performance.now() - startMs;
      settings = await begin();
      let kills = 0;
      for (let runs = 0; kills < KILLS; runs++) {
        expect(runs, `runs for ${KILLS} kills, with the seed ${SEED}`).toBeLessThan(MAX_RUNS);
        const isComplete = (await runProgram(script, random.next() * wholeMs)) !== null;
        if (!isComplete) kills++;
        const count = await countWhole(await openRemote(settings));
        if (count === objects.length) settings = await begin();
        else expect(isComplete).toBe(false);
      }
      await runProgram(script);
      expect(await countWhole(await openRemote(settings))).toBe(objects.length);
    }, 300_000);

    it(`leaves only whole files when it pulls, at ${KILLS} random moments, and the next one goes on`, async () => {
      const settings = await place.create();
      await pushObjects(await openRemote(settings), objects);
      const cache = join(scratch, 'cache');
      const wanted = objects.map((object) => ({ ...object, path: join(cache, object.key) }));
      const script = join(scratch, 'pull.mjs');
      /** The lists of folders tell no sizes. */
      const writeScript = (knowsSizes: boolean): void => {
        const pulled = knowsSizes ? wanted : wanted.map((object) => ({ ...object, sizeBytes: null }));
        writeFileSync(script, programOf('pull', settings, pulled));
      };
      writeScript(true);
      const countFiles = async (): Promise<number> => {
        let count = 0;
        for (const { path, md5 } of wanted) {
          if (statSync(path, { throwIfNoEntry: false }) === undefined) continue;
          expect(await md5OfStream(createReadStream(path))).toBe(md5);
          count++;
        }
        return count;
      };
      const startMs = performance.now();
      await runProgram(script);
      const wholeMs = performance.now() - startMs;
      rmSync(cache, { recursive: true });
      let kills = 0;
      for (let runs = 0; kills < KILLS; runs++) {
        expect(runs, `runs for ${KILLS} kills, with the seed ${SEED}`).toBeLessThan(MAX_RUNS);
        writeScript(runs % 2 === 0);
        if ((await runProgram(script, random.next() * wholeMs)) === null) kills++;
        if ((await countFiles()) === objects.length) rmSync(cache, { recursive: true });
      }
      await runProgram(script);
      expect(await countFiles()).toBe(objects.length);
      for (const { path } of wanted) expect(statSync(path).mode & 0o777).toBe(0o444);
      expect(await countWhole(await openRemote(settings))).toBe(objects.length);
    }, 300_000);

    it('does not hurt another that pushes the same objects at once', async () => {
      const settings = await place.create();
      const scripts = [0, 1, 2].map((i) => join(scratch, `push-${i}.mjs`));
      for (const [i, script] of scripts.entries())
        writeFileSync(
          script,
          programOf('push', { ...settings, uploadsFolder: join(scratch, `uploads-${i}`) }, objects),
        );
      await Promise.all(scripts.map((script) => runProgram(script)));
      expect(await countWhole(await openRemote(settings))).toBe(objects.length);
    }, 120_000);

    it('finds objects that are damaged at the remote, names them, and takes nothing of them', async () => {
      const remote = await openRemote(await place.create());
      await pushObjects(remote, objects);
      const damaged = objects.filter(({ sizeBytes }) => sizeBytes > 0 && random.next() < 0.3);
      for (const { key, path } of damaged) {
        const bytes = readFileSync(path);
        const at = Math.floor(random.next() * bytes.length);
        const isCut = random.next() < 0.5;
        if (!isCut) bytes[at]! ^= 1 << Math.floor(random.next() * 8);
        const wrong = isCut ? bytes.subarray(0, at) : bytes;
        const source = join(scratch, 'wrong');
        writeFileSync(source, wrong);
        await remote.write(
          key,
          { path: source, sizeBytes: wrong.length, md5: md5Of(wrong) },
          { replaces: true },
        );
      }
      const wanted = objects.map((object) => ({ ...object, path: join(scratch, 'cache', object.key) }));
      const result = await pullObjects(remote, wanted);
      expect(result.failed.map(({ key }) => key).sort()).toEqual(damaged.map(({ key }) => key).sort());
      expect(result.failed.every(({ code }) => code === 'REMOTE_OBJECT_CORRUPT')).toBe(true);
      expect(result.moved).toBe(objects.length - damaged.length);
      const bad = new Set(damaged.map(({ key }) => key));
      for (const { key, path } of wanted)
        expect(statSync(path, { throwIfNoEntry: false }) === undefined).toBe(bad.has(key));
      // A push mends what is of another size.
      const mended = await pushObjects(remote, objects);
      const sizes = await pullObjects(remote, wanted);
      expect(sizes.moved).toBe(mended.mended.length);
    }, 120_000);
  });
}

let roots = 0;
describeKills('a folder', {
  start: async () => {},
  stop: async () => {},
  create: async () => ({ name: null, url: join(folder, `remote-${++roots}`) }),
});

describe.skipIf(s3Program === null)('on S3', () => {
  let server: S3Server;
  describeKills('a bucket of S3', {
    start: async () => {
      server = await startS3Server();
    },
    stop: () => server.stop(),
    create: async () => {
      await server.reset(); // also of the parts of other uploads: they stay in the memory of the server
      await server.createBucket('bucket');
      const keys = { accessKeyId: 'tester', secretAccessKey: 'secret' };
      return { name: null, url: 's3://bucket/data', endpoint: server.endpoint, ...keys };
    },
  });
});

describe.skipIf(gcsProgram === null)('on Google Cloud Storage', () => {
  let server: ObjectServer;
  describeKills('a bucket of Google Cloud Storage', {
    start: async () => {
      server = await startGcsServer();
    },
    stop: () => server.stop(),
    create: async () => {
      const bucket = `bucket-${++roots}`;
      await server.createBucket(bucket);
      return { name: null, url: `gs://${bucket}/data`, endpoint: server.endpoint };
    },
  });
});

describe('a file of 600 MB', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(folder, 'big-'));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  it('is pushed and pulled in little memory, and stays sparse', async () => {
    const sizeBytes = 600_000_000;
    const path = join(scratch, 'sparse');
    const file = openSync(path, 'w');
    writeSync(file, patternOf(100_000), 0, 100_000, 300_000_000);
    closeSync(file);
    truncateSync(path, sizeBytes);
    const md5 = await md5OfStream(createReadStream(path, { highWaterMark: 1 << 20 }));
    const object = { key: `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`, path, sizeBytes, md5 };
    const settings = { name: null, url: join(scratch, 'remote') };
    const pulled = { ...object, path: join(scratch, 'cache', 'pulled') };
    for (const [verb, moved] of [
      ['push', object],
      ['pull', pulled],
    ] as const) {
      const script = join(scratch, `${verb}.mjs`);
      writeFileSync(script, programOf(verb, settings, [moved]));
      const { maxRssKb } = JSON.parse((await runProgram(script))!) as { maxRssKb: number };
      expect(maxRssKb).toBeLessThan(250_000);
    }
    expect(statSync(pulled.path).size).toBe(sizeBytes);
    expect(statSync(pulled.path).blocks * 512).toBeLessThan(10_000_000);
    expect(readdirSync(join(scratch, 'remote', '.uploads'))).toEqual([]);
  }, 120_000);
});
