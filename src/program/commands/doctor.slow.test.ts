// Provokes each failure that the doctor finds, with real files, processes and servers, and reads what it says.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtModule, killElsewhere } from '../../../test/conformance/place.ts';
import { startMlflowStub } from '../../../test/exporters/mlflow-stub.ts';
import {
  addModel,
  addRun,
  createLineageHome,
  inventRows,
  prepareRows,
  writeRows,
} from '../../../test/fixtures/lineage-home.ts';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { type S3Stub, startS3Stub } from '../../../test/fixtures/s3-stub.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { sweepRecord } from '../../foundation/records/sweep.ts';
import { checkRuntime } from '../../workflows/diagnose/software-checks.ts';
import { addData } from '../../workflows/versioning/index.ts';
import { doctorCommand, type Finding } from './doctor.ts';

let folder = '';
const closers: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-doctor-'));
  vi.stubEnv('MLFLOW_TRACKING_URI', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

interface Examined {
  readonly findings: ReadonlyMap<string, Finding>;
  readonly list: readonly Finding[];
  readonly exitCode: number;
  readonly text: string;
  readonly said: readonly string[];
  readonly fixed: readonly { readonly check: string; readonly done: string }[];
}

async function examine(
  home = join(folder, 'store'),
  args: readonly string[] = [],
  options: Record<string, string | boolean> = {},
): Promise<Examined> {
  const said: string[] = [];
  const context = createQuietContext(locateHome(home), folder, { say: (line) => said.push(line) });
  const free = args.some((arg) => arg.startsWith('serve.port=')) ? [] : ['serve.port=0'];
  const result = await doctorCommand.run({ args: [...free, ...args], options }, context);
  const { checks: list, fixed = [] } = result.json as Pick<Examined, 'fixed'> & { checks: Finding[] };
  return {
    ...{ list, fixed, said, text: result.text, exitCode: result.exitCode ?? 0 },
    findings: new Map(list.map((finding) => [finding.check, finding])),
  };
}

/** The first check that failed, with the exit code 1. */
function causeOf({ list, exitCode, text }: Examined): Finding | undefined {
  const cause = list.find(({ status }) => status === 'fail');
  expect(exitCode).toBe(cause === undefined ? 0 : 1);
  if (cause !== undefined) expect(text).toContain(`Mend this first: ${cause.check}\n  → ${cause.advice}`);
  return cause;
}

describe('the machine and the home', () => {
  it('are found ready, and no trace is left in the folder', async () => {
    const examined = await examine();
    const { findings, text } = examined;
    expect(causeOf(examined)).toBeUndefined();
    expect(text).toMatch(/\nready$/);
    expect(findings.get('onnxruntime-node')).toMatchObject({
      found: expect.stringContaining(process.platform),
    });
    expect(findings.get('devices')).toMatchObject({ status: 'ok', found: expect.stringMatching(/^cpu/) });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('fail where the native library cannot be loaded', async () => {
    const broken = await checkRuntime(async () => {
      throw new Error("version `GLIBC_2.38' not found\nmore");
    });
    expect(broken).toMatchObject({
      status: 'fail',
      problem: 'not-loadable',
      reason: "version `GLIBC_2.38' not found",
    });
  });

  it('fail if the home cannot be a folder, and what needs it is left out', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const home of [join(folder, 'file', 'store'), join(folder, 'file')]) {
      const examined = await examine(home);
      expect(causeOf(examined)).toMatchObject({
        check: 'home',
        advice: expect.stringContaining('VERACITY_HOME'),
      });
      const skipped = examined.list.filter(({ status }) => status === 'skip').map(({ check }) => check);
      expect(skipped).toEqual(
        expect.arrayContaining(['disk', 'database', 'records', 'leases', 'data', 'dataset version', 'model']),
      );
      expect(examined.findings.get('model')?.found).toBe('needs home');
    }
  });

  it.skipIf(process.getuid?.() === 0)('fail if the home may not be written', async () => {
    chmodSync(folder, 0o500);
    expect(causeOf(await examine())?.check).toBe('home');
    chmodSync(folder, 0o700);
  });

  it.skipIf(!mayMount())('fail on a full disk', async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    closers.push(async () => execFileSync('umount', [disk]));
    expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(128 * 1024))).toThrow('ENOSPC');
    const cause = causeOf(await examine(join(disk, 'store')));
    expect(cause).toMatchObject({ check: 'home', found: expect.stringContaining('the disk is full') });
    expect(cause?.advice).toContain('df -h');
    rmSync(join(disk, 'filler'));
    expect(causeOf(await examine(join(disk, 'store')))?.check).toBe('disk');
  });

  it('fail where the database of the team cannot be reached', async () => {
    vi.stubEnv('VERACITY_DB', 'postgres://nobody:secret@127.0.0.1:1/none');
    const examined = await examine();
    expect(causeOf(examined)).toMatchObject({ check: 'database' });
    expect(examined.text).not.toContain('secret');
    expect(examined.findings.get('leases')).toMatchObject({ status: 'skip', found: 'needs database' });
  });
});

describe('the configuration and the data', () => {
  it('fail with file and line of a broken configuration', async () => {
    mkdirSync(join(folder, 'configs', 'optimizer'), { recursive: true });
    writeFileSync(join(folder, 'configs', 'optimizer', 'adamw.yaml'), 'kind: adamw\nlr: fast\n');
    const examined = await examine();
    expect(causeOf(examined)).toMatchObject({
      check: 'configuration',
      found: expect.stringContaining('configs/optimizer/adamw.yaml:2'),
    });
    for (const check of ['data', 'tokenizer', 'exporters', 'port', 'server', 'metrics'])
      expect(examined.findings.get(check)).toMatchObject({ status: 'skip', found: 'needs configuration' });
  });

  const articles = [
    'data=jsonl',
    'data.path=articles.jsonl',
    'data.columns.text=text',
    'data.columns.label=label',
  ];

  it('fail where the raw file is missing, with the command that fetches it', async () => {
    expect(causeOf(await examine(undefined, articles))).toMatchObject({
      check: 'data',
      found: 'articles.jsonl is missing (data.path=articles.jsonl)',
      advice: 'Put the file there, or set data.path=FILE.',
    });
    writeFileSync(
      join(folder, 'articles.jsonl.dvc'),
      `outs:\n- md5: ${'a'.repeat(32)}\n  path: articles.jsonl\n`,
    );
    expect(causeOf(await examine(undefined, articles))?.advice).toBe('veracity data pull articles.jsonl.dvc');
  });

  it('fail where a file lies in the place of the folder of a prepared file, and all other checks are made', async () => {
    const place = createLineageHome(folder);
    const sound = (await examine(place.home.root)).list.map(({ check }) => check);
    mkdirSync(join(folder, 'raw', 'deep'), { recursive: true });
    writeRows(folder, 'raw/deep/articles.jsonl', inventRows(40));
    const dataset = await prepareRows(place, 'raw/deep/articles.jsonl');
    rmSync(join(folder, 'raw'), { recursive: true });
    writeFileSync(join(folder, 'raw'), 'a file now');
    const examined = await examine(place.home.root);
    expect(causeOf(examined)).toMatchObject({
      check: 'data',
      found: `raw/deep/articles.jsonl, from which ${dataset} was prepared, cannot be read: raw is a file, no folder`,
      advice: expect.not.stringContaining('VERACITY_HOME'),
    });
    expect(examined.list.map(({ check }) => check)).toEqual(sound);
  });

  it('make a check that throws a failed line, and the other checks go on', async () => {
    const home = join(folder, 'store');
    const sound = (await examine(home)).list.map(({ check }) => check);
    mkdirSync(join(home, 'files'), { recursive: true });
    writeFileSync(join(home, 'files', 'md5'), 'a file where the cache has a folder');
    const examined = await examine(home);
    expect(causeOf(examined)).toMatchObject({
      check: 'cache',
      found: expect.stringContaining('files/md5'),
      advice: expect.not.stringContaining('VERACITY_HOME'),
    });
    expect(examined.list.map(({ check }) => check)).toEqual(sound);
  });

  it('warn of a raw file that has changed since it was prepared, and of one that its pointer does not name', async () => {
    const place = createLineageHome(folder);
    writeRows(folder, 'articles.jsonl', inventRows(40));
    const dataset = await prepareRows(place, 'articles.jsonl');
    expect((await examine(place.home.root, articles)).findings.get('data')?.status).toBe('ok');
    const pointer = join(folder, 'articles.jsonl.dvc');
    writeFileSync(pointer, `outs:\n- md5: ${'a'.repeat(32)}\n  hash: md5\n  path: articles.jsonl\n`);
    expect((await examine(place.home.root, articles)).findings.get('data')).toMatchObject({
      status: 'warn',
      advice: expect.stringContaining('veracity data commit articles.jsonl'),
    });
    rmSync(pointer);
    writeRows(folder, 'articles.jsonl', inventRows(41));
    for (const args of [articles, []])
      expect((await examine(place.home.root, args)).findings.get('data')).toMatchObject({
        status: 'warn',
        found: expect.stringContaining(`has changed since ${dataset} was prepared from it`),
        advice: expect.stringContaining('veracity data prepare'),
      });
  });

  it('fail where a dataset version or the cache is damaged, and warn of a foreign file there', async () => {
    const place = createLineageHome(folder);
    writeRows(folder, 'articles.jsonl', inventRows(40));
    const dataset = await prepareRows(place, 'articles.jsonl');
    const foreign = join(place.home.blobs, 'notes.txt');
    writeFileSync(foreign, 'mine');
    const noted = (await examine(place.home.root)).findings.get('cache');
    expect(noted).toMatchObject({ status: 'warn', found: expect.stringContaining('notes.txt is no object') });
    expect(noted?.advice).toContain(`mv '`);
    rmSync(foreign);
    const { md5 } = (await place.context.stores.datasets.load(dataset)).splits.train;
    const blob = join(place.home.blobs, md5.slice(0, 2), md5.slice(2));
    const bytes = readFileSync(blob);
    chmodSync(blob, 0o644);
    writeFileSync(blob, bytes.fill(0x20, 0, 10));
    const damaged = await examine(place.home.root);
    expect(causeOf(damaged)).toMatchObject({
      check: 'dataset version',
      advice: expect.stringContaining('data prepare'),
    });
    expect(damaged.findings.get('cache')).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('is damaged'),
    });
    rmSync(blob);
    expect(causeOf(await examine(place.home.root))?.check).toBe('dataset version');
  });

  it('look into the cache of the repository from each of its folders, as data does, and mend what a kill left there', async () => {
    execFileSync('git', ['init', '-q', folder]);
    const below = join(folder, 'below');
    mkdirSync(below);
    writeFileSync(join(below, 'a.csv'), 'one');
    const context = createQuietContext(locateHome(join(below, '.veracity')), below);
    await addData(['a.csv'], { force: false }, context);
    const objects = join(folder, '.veracity', 'cache', 'files', 'md5', 'f9');
    const object = join(objects, '7c5d29941bfb1b2fdab0874906ab82');
    const leftover = `${object}.tmp-999999-0123abcd`;
    writeFileSync(leftover, 'half');
    const ask = async (options: Record<string, boolean> = {}) => {
      const { json } = await doctorCommand.run({ args: ['serve.port=0'], options }, context);
      const { checks } = json as { checks: Finding[] };
      return (check: string) => checks.find((one) => one.check === check)?.status;
    };
    expect((await ask())('half-written')).toBe('warn');
    expect((await ask({ fix: true }))('half-written')).toBe('ok');
    expect(readdirSync(objects)).toEqual(['7c5d29941bfb1b2fdab0874906ab82']);
    chmodSync(object, 0o644);
    writeFileSync(object, 'two');
    expect((await ask())('cache')).toBe('fail');
  });

  it('fail where the tokenizer of the configured model is missing', async () => {
    const model = ['model=distilbert', 'model.path=./weights'];
    expect(causeOf(await examine(undefined, model))?.check).toBe('tokenizer');
    mkdirSync(join(folder, 'weights'));
    expect(causeOf(await examine(undefined, model))).toMatchObject({ check: 'tokenizer' });
  });
});

describe('a remote', () => {
  let stub: S3Stub;
  beforeEach(async () => {
    stub = await startS3Stub();
    closers.push(() => stub.close());
    configure(stub.url);
  });
  function configure(endpoint: string): void {
    mkdirSync(join(folder, '.dvc'), { recursive: true });
    writeFileSync(
      join(folder, '.dvc', 'config'),
      `[core]\n    remote = team\n['remote "team"']\n    url = s3://articles/data\n    endpointurl = ${endpoint}\n    access_key_id = someone\n    secret_access_key = verysecret\n    region = eu-west-1\n`,
    );
  }

  it('that may be listed, read, written and deleted is ok, and the probe is gone', async () => {
    const examined = await examine();
    expect(examined.findings.get('remote')).toMatchObject({ status: 'ok', found: 's3://articles/data' });
    expect(examined.findings.get('remote clock')?.status).toBe('ok');
    expect(examined.findings.get('remote rights')).toMatchObject({
      status: 'ok',
      found: 'list, write, read, delete',
    });
    expect(stub.objects.size).toBe(0);
    expect(examined.text).not.toContain('verysecret');
  });

  it('with wrong credentials, or without its bucket, fails', async () => {
    stub.fault = () => ({ status: 403, code: 'InvalidAccessKeyId' });
    const refused = await examine();
    expect(causeOf(refused)).toMatchObject({ check: 'remote', found: expect.stringContaining('key id') });
    expect(refused.text).not.toContain('verysecret');
    stub.fault = () => ({ status: 404, code: 'NoSuchBucket' });
    expect(causeOf(await examine())).toMatchObject({
      check: 'remote',
      found: expect.stringContaining('bucket'),
    });
  });

  it('that may only be read fails, and one without the right to list or delete is a warning', async () => {
    stub.fault = (method) => (method === 'PUT' ? { status: 403, code: 'AccessDenied' } : null);
    const found = await examine();
    expect(found.findings.get('remote')?.status).toBe('ok');
    expect(causeOf(found)).toMatchObject({
      check: 'remote rights',
      found: expect.stringContaining('may list, may not write'),
    });
    stub.fault = (method) => (method === 'DELETE' ? { status: 403, code: 'AccessDenied' } : null);
    expect((await examine()).findings.get('remote rights')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('may list, write, read, may not delete'),
    });
    stub.fault = (_method, isList) => (isList ? { status: 403, code: 'AccessDenied' } : null);
    expect((await examine()).findings.get('remote rights')?.found).toContain('may not list');
  });

  it('whose clock is far off fails, with the command that sets the clock', async () => {
    stub.skewMs = 7 * 60_000;
    expect((await examine()).findings.get('remote clock')).toMatchObject({ status: 'warn' });
    stub.skewMs = -60 * 60_000;
    expect(causeOf(await examine())).toMatchObject({
      check: 'remote clock',
      found: expect.stringMatching(/clock is 3\d{3} s ahead of/),
      advice: expect.stringContaining('timedatectl'),
    });
  });

  it('that cannot be reached fails', async () => {
    await stub.close();
    closers.length = 0;
    expect(causeOf(await examine())).toMatchObject({
      check: 'remote',
      found: expect.stringContaining('s3://articles'),
    });
  }, 60_000);

  it('in a folder is probed without a trace, and one that is not there is told', async () => {
    const place = join(folder, 'shared');
    const config = `[core]\n    remote = team\n['remote "team"']\n    url = ${place}\n`;
    writeFileSync(join(folder, '.dvc', 'config'), config);
    expect(causeOf(await examine())).toMatchObject({
      check: 'remote',
      found: expect.stringContaining('its disk is not mounted'),
      advice: expect.stringContaining('the url of the remote (.dvc/config'),
    });
    writeFileSync(place, 'a file');
    const asFile = await examine();
    expect(causeOf(asFile)).toMatchObject({
      check: 'remote',
      found: `${place} is a file: expected a folder`,
      advice: expect.stringContaining('the url of the remote (.dvc/config'),
    });
    expect(asFile.text).not.toContain('VERACITY_HOME');
    rmSync(place);
    mkdirSync(place);
    writeFileSync(join(place, 'veracity-doctor'), 'a file where the probe goes');
    expect(causeOf(await examine())).toMatchObject({
      check: 'remote rights',
      advice: expect.stringContaining('the url of the remote (.dvc/config'),
    });
    rmSync(join(place, 'veracity-doctor'));
    rmSync(join(place, '.uploads'), { recursive: true, force: true });
    expect((await examine()).findings.get('remote rights')?.found).toBe('list, write, read, delete');
    expect(readdirSync(place)).toEqual([]);
  });
});

it('warns of an MLflow server that refuses the host name or does not answer, and of a folder that cannot be written', async () => {
  const mlflow = await startMlflowStub();
  const args = [
    'tracking=mlflow',
    `tracking.exporters=[{to: mlflow, url: "${mlflow.url}", experiment: veracity}]`,
  ];
  expect((await examine(undefined, args)).findings.get('exporters')).toMatchObject({
    status: 'ok',
    found: `MLflow at ${mlflow.url} takes runs`,
  });
  mlflow.fault = () => ({ status: 403, body: 'Invalid Host header' });
  expect((await examine(undefined, args)).findings.get('exporters')).toMatchObject({
    status: 'warn',
    advice: expect.stringContaining('--allowed-hosts'),
  });
  await mlflow.close();
  expect((await examine(undefined, args)).findings.get('exporters')).toMatchObject({
    status: 'warn',
    found: expect.stringContaining(`expected ${mlflow.url} to take the run`),
  });
  vi.stubEnv('MLFLOW_TRACKING_URI', mlflow.url);
  expect((await examine()).findings.get('exporters')?.status).toBe('warn');
});

describe('a model', () => {
  it('of another schema version, or with a changed file, fails', async () => {
    const place = createLineageHome(folder);
    writeRows(folder, 'articles.jsonl', inventRows(40));
    const datasetVersion = await prepareRows(place, 'articles.jsonl');
    const runId = await addRun(place, datasetVersion);
    await addModel(place, 'desk', { runId, datasetVersion });
    expect((await examine(place.home.root)).findings.get('model')?.found).toContain('desk@1 is the default');
    const card = join(place.home.models, 'desk', '1', 'veracity.json');
    const text = readFileSync(card, 'utf8');
    chmodSync(card, 0o644);
    writeFileSync(card, text.replace('"noun"', '"noun" ').concat('\n'));
    expect(causeOf(await examine(place.home.root))).toMatchObject({
      check: 'model',
      found: expect.stringContaining('veracity.json'),
    });
    writeFileSync(
      card,
      text.replace('"schemaVersion": 2', '"schemaVersion": 99').replace('"family"', '"kind"'),
    );
    expect(causeOf(await examine(place.home.root))).toMatchObject({
      check: 'model',
      found: expect.stringContaining('99'),
    });
  });
});

describe('port, server and metrics', () => {
  async function listen(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(async () => {
      if ('closeAllConnections' in server)
        (server as ReturnType<typeof createHttpServer>).closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  }

  it('fail where another program has the port', async () => {
    const port = await listen(createHttpServer((_request, response) => response.writeHead(404).end()));
    const examined = await examine(undefined, [`serve.port=${port}`]);
    expect(causeOf(examined)).toMatchObject({
      check: 'port',
      advice: expect.stringContaining(`veracity serve --port ${port + 1}`),
    });
    expect(examined.findings.get('server')?.status).toBe('skip');
    const silent = await listen(createServer((socket) => closers.unshift(async () => socket.destroy())));
    const found = (await examine(undefined, [`serve.port=${silent}`])).findings.get('port')?.found;
    expect(found).toContain('does not answer HTTP');
  }, 30_000);

  it('fail where the server takes no requests, or its metrics are absent', async () => {
    const answers = new Map<string, readonly [number, string]>([
      ['/healthz', [200, '{"status":"ok"}']],
      ['/readyz', [200, '{"status":"ready","incidents":[]}']],
      ['/metrics', [200, '# TYPE api_requests_total counter\napi_requests_total 1\n']],
    ]);
    const server = createHttpServer((request, response) => {
      const [status, text] = answers.get(request.url ?? '') ?? [404, ''];
      response.writeHead(status).end(text);
    });
    const port = await listen(server);
    const check = () => examine(undefined, [`serve.port=${port}`]);
    expect((await check()).findings.get('server')?.status).toBe('ok');
    answers.set('/readyz', [200, '{"status":"ready","incidents":[{"code":"RECEIPTS_REFUSED"}]}']);
    expect((await check()).findings.get('server')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('RECEIPTS_REFUSED'),
    });
    answers.set('/metrics', [200, 'nothing\n']);
    expect(causeOf(await check())).toMatchObject({
      check: 'metrics',
      found: expect.stringContaining('lacks api_requests_total'),
    });
    answers.delete('/metrics');
    expect(causeOf(await check())).toMatchObject({
      check: 'metrics',
      found: expect.stringContaining('answers 404'),
    });
    answers.set('/readyz', [503, '{"title":"The model does not answer","status":503}']);
    expect(causeOf(await check())).toMatchObject({
      check: 'server',
      found: expect.stringContaining('503, The model does not answer'),
    });
  });

  it('fail where the server that was asked for does not answer', async () => {
    const examined = await examine(undefined, [], { server: 'http://127.0.0.1:1' });
    expect(causeOf(examined)).toMatchObject({ check: 'server' });
    await expect(examine(undefined, [], { server: 'nowhere' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('--fix', () => {
  it('frees the trial of a dead worker and removes what killed processes left, says so before, and nothing else', async () => {
    const place = createLineageHome(folder);
    const home = place.home.root;
    const { id } = await place.context.stores.sweeps.create(sweepRecord.example.definition);
    const trial = await place.context.stores.sweeps.addTrial(
      id,
      { parameters: { 'optimizer.lr': 0.1 }, repeats: null, seed: null, task: { config: {}, yaml: '' } },
      0,
    );
    expect(trial).not.toBeNull();
    await killElsewhere(`
      import { createStores } from '${builtModule('workflows/context/index.js')}';
      import { locateHome } from '${builtModule('foundation/records/index.js')}';
      import { systemClock } from '${builtModule('foundation/core/index.js')}';
      const { sweeps } = createStores(locateHome(${JSON.stringify(home)}), systemClock);
      await sweeps.claimTrial('${id}', 0);
      console.log('claimed');
      setInterval(() => {}, 1000);`);
    const leftover = join(home, 'datasets', 'ds-0123456789ab.tmp-999999-0123abcd');
    mkdirSync(join(home, 'datasets'), { recursive: true });
    writeFileSync(leftover, 'half');
    const own = join(home, 'datasets', 'mine.txt');
    writeFileSync(own, 'kept');

    const before = await examine(home);
    expect(before.findings.get('leases')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining(`trial 0 of ${id} is held by a worker that is dead`),
      advice: expect.stringContaining('veracity doctor --fix'),
    });
    expect(before.findings.get('half-written')?.status).toBe('warn');
    expect(existsSync(leftover)).toBe(true);

    const after = await examine(home, [], { fix: true });
    expect(after.said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^fix: freeing/),
        expect.stringMatching(/^fix: removing 1/),
      ]),
    );
    expect(after.fixed.map(({ check }) => check)).toEqual(['leases', 'half-written']);
    expect(after.findings.get('half-written')?.status).toBe('ok');
    expect((await place.context.stores.sweeps.loadTrial(id, 0)).state).toBe('proposed');
    expect([existsSync(leftover), existsSync(own)]).toEqual([false, true]);
    expect((await examine(home, [], { fix: true })).fixed).toEqual([]);
  }, 30_000);
});

function mayMount(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'veracity-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { stdio: 'pipe' });
    execFileSync('umount', [at]);
    return true;
  } catch {
    console.log('the doctor on a full disk is not tested: this process may not mount');
    return false;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
}
