// Pointers of data whose versions a cloud store keeps (version_aware), on a server of Google Cloud Storage that we did not write:
// an older generation is fetched, and a missing one is named. With VERACITY_TEST_DVC (with dvc-gs), the pointers are those that
// the real DVC writes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { locateHome } from '../../src/foundation/records/home.ts';
import type { WorkflowContext } from '../../src/workflows/context/workflow-context.ts';
import { pullData, readDataStatus } from '../../src/workflows/versioning/index.ts';
import { gcsProgram, type ObjectServer, startGcsServer } from '../fixtures/object-servers.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const dvc = process.env.VERACITY_TEST_DVC;

describe.skipIf(gcsProgram === null)('data pull of versions in Google Cloud Storage', () => {
  let server: ObjectServer;
  let folder: string;
  let context: WorkflowContext;
  let bucket: string;
  let buckets = 0;
  beforeAll(async () => {
    server = await startGcsServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    bucket = `versions-${++buckets}`;
    await server.createBucket(bucket);
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'veracity-versioned-')));
    execFileSync('git', ['init', '-q', folder]);
    mkdirSync(join(folder, '.dvc'));
    writeFileSync(
      join(folder, '.dvc/config'),
      `[core]\n    remote = cloud\n['remote "cloud"']\n    url = gs://${bucket}/team\n    version_aware = true\n    endpointurl = ${server.endpoint}\n`,
    );
    context = createQuietContext(locateHome(join(folder, '.veracity')), folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const pull = () => pullData([], { remote: null, jobs: undefined, force: false }, context);
  /** @returns the generation */
  const upload = async (name: string, text: string): Promise<string> => {
    const answer = await fetch(
      `${server.endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(`team/${name}`)}`,
      { method: 'POST', body: text },
    );
    return ((await answer.json()) as { generation: string }).generation;
  };
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const entry = (text: string, generation: string, indent: string): string =>
    [
      `md5: ${md5(text)}`,
      `size: ${text.length}`,
      'cloud:',
      '  cloud:',
      '    etag: 0',
      `    version_id: '${generation}'`,
    ]
      .map((line) => `${indent}${line}\n`)
      .join('');

  it('fetches the generation that the pointer names, not the newest', async () => {
    const first = await upload('data/a.csv', 'first\n');
    const single = await upload('one.csv', 'single\n');
    await upload('data/a.csv', 'second\n');
    await upload('one.csv', 'later\n');
    writeFileSync(
      join(folder, 'data.dvc'),
      `outs:\n- path: data\n  hash: md5\n  size: 6\n  nfiles: 1\n  files:\n  - relpath: a.csv\n${entry('first\n', first, '    ')}`,
    );
    writeFileSync(
      join(folder, 'one.csv.dvc'),
      `outs:\n- path: one.csv\n  hash: md5\n${entry('single\n', single, '  ')}`,
    );
    expect(await pull()).toMatchObject({ moved: 2, failed: [] });
    expect(readFileSync(join(folder, 'data/a.csv'), 'utf8')).toBe('first\n');
    expect(readFileSync(join(folder, 'one.csv'), 'utf8')).toBe('single\n');
    const { data } = await readDataStatus([], { verify: false }, context);
    expect(data.map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);
  });

  it('names a generation that is missing, and one with other bytes', async () => {
    const first = await upload('data/a.csv', 'first\n');
    const write = (generation: string, text: string): void =>
      writeFileSync(
        join(folder, 'data.dvc'),
        `outs:\n- path: data\n  hash: md5\n  files:\n  - relpath: a.csv\n${entry(text, generation, '    ')}`,
      );
    write('1234', 'first\n');
    expect(await pull()).toMatchObject({
      failed: [
        { path: 'data/a.csv', code: 'REMOTE_OBJECT_MISSING', reason: expect.stringContaining('1234') },
      ],
    });
    write(first, 'other\n');
    expect(await pull()).toMatchObject({ failed: [{ path: 'data/a.csv', code: 'REMOTE_OBJECT_CORRUPT' }] });
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it.skipIf(dvc === undefined)('fetches what the real DVC has pushed, also an older version', async () => {
    const run = (...args: string[]): string =>
      execFileSync(dvc!, args, {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          DVC_NO_ANALYTICS: '1',
          // gcsfs asks for the kind of a bucket over gRPC, which the server does not speak.
          GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT: 'false',
          STORAGE_EMULATOR_HOST: server.endpoint,
          GOOGLE_CLOUD_PROJECT: 'test',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    mkdirSync(join(folder, 'data/sub'), { recursive: true });
    writeFileSync(join(folder, 'data/a.csv'), 'first\r\n');
    writeFileSync(join(folder, 'data/sub/ä.csv'), 'same\n');
    writeFileSync(join(folder, 'one.csv'), 'one\n');
    run('remote', 'modify', 'cloud', 'allow_anonymous_login', 'true');
    run('add', '-q', 'data', 'one.csv');
    run('push', '-q');
    const first = ['data.dvc', 'one.csv.dvc'].map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(first[0]).toContain('version_id');
    writeFileSync(join(folder, 'data/a.csv'), 'second\r\n');
    run('add', '-q', 'data');
    run('push', '-q');
    expect(readFileSync(join(folder, 'data.dvc'), 'utf8')).not.toBe(first[0]);
    for (const name of ['data', 'one.csv', '.dvc/cache', '.dvc/tmp'])
      rmSync(join(folder, name), { recursive: true });
    for (const [i, name] of ['data.dvc', 'one.csv.dvc'].entries())
      writeFileSync(join(folder, name), first[i]!);
    expect(await pull()).toMatchObject({ failed: [] });
    expect(readFileSync(join(folder, 'data/a.csv'), 'utf8')).toBe('first\r\n');
    expect(readFileSync(join(folder, 'data/sub/ä.csv'), 'utf8')).toBe('same\n');
    expect(JSON.parse(run('status', '--json'))).toEqual({});
    for (const [i, name] of ['data.dvc', 'one.csv.dvc'].entries())
      expect(readFileSync(join(folder, name), 'utf8')).toBe(first[i]);
  });
});
