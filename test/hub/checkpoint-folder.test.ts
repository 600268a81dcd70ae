// Tests loading a checkpoint from the Hub, with a local server.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHubHome, type HubHome } from './hub-fixture.ts';
import { COMMIT, startHubServer, tinyRepository } from './hub-server.ts';

const files = tinyRepository();
const weights = files['model.safetensors']!;
const WANTED = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'vocab.txt'];
const NOBODY = 'http://127.0.0.1:9'; // discard: nothing listens there

let home: HubHome;
beforeEach(() => {
  home = createHubHome();
});
afterEach(() => home[Symbol.dispose]());

describe('a first load', () => {
  it('downloads only the files of a checkpoint, into the layout shared with Python', async () => {
    await using server = await startHubServer({ files });
    const { folder, revision } = await home.load(server.endpoint);
    expect(revision).toBe(COMMIT);
    expect(folder).toBe(join(home.model, 'snapshots', COMMIT));
    expect(readdirSync(folder).sort()).toEqual(WANTED);
    for (const file of WANTED) {
      expect(readFileSync(join(folder, file)).equals(files[file]!)).toBe(true);
      expect(readlinkSync(join(folder, file))).toMatch(/^\.\.\/\.\.\/blobs\/([0-9a-f]{40}|[0-9a-f]{64})$/);
    }
    expect(readFileSync(join(home.model, 'refs', 'main'), 'utf8')).toBe(COMMIT);
    expect(readdirSync(join(home.model, 'blobs'))).toHaveLength(WANTED.length);
  });

  it('shows its progress in megabytes until the end', async () => {
    await using server = await startHubServer({ files: tinyRepository(3_400_000) });
    const seen: unknown[] = [];
    await home.load(server.endpoint, {
      progress: (label, total, unit) => {
        seen.push(label, total, unit);
        return { update: (done) => seen.push(done), stop: () => seen.push('stop') };
      },
    });
    expect(seen.slice(0, 3)).toEqual(['download org/tiny', 4, 'MB']);
    expect(seen.slice(-2)).toEqual([3, 'stop']);
  });

  it('supports another branch, a name without an organisation, and file systems without links', async () => {
    await using server = await startHubServer({ name: 'tiny', files });
    const env = { HF_HUB_DISABLE_SYMLINKS: '1' };
    const { folder } = await home.load(server.endpoint, { name: 'tiny', revision: 'refs/pr/1', env });
    const model = join(home.folder, 'hub', 'models--tiny');
    expect(readFileSync(join(model, 'refs', 'refs', 'pr', '1'), 'utf8')).toBe(COMMIT);
    expect(() => readlinkSync(join(folder, 'config.json'))).toThrow('EINVAL');
    expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
  });

  it('downloads weights in shards, as their index names them', async () => {
    const { 'model.safetensors': _, ...rest } = files;
    const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    const index = { weight_map: { a: second, b: first, c: second } };
    const sharded = {
      ...rest,
      'model.safetensors.index.json': Buffer.from(JSON.stringify(index)),
      [first]: weights.subarray(0, 100_000),
      [second]: weights.subarray(100_000),
      'model-00003-of-00002.safetensors': Buffer.from('in no index'),
    };
    await using server = await startHubServer({ files: sharded });
    const { folder } = await home.load(server.endpoint);
    expect(readFileSync(join(folder, second)).equals(weights.subarray(100_000))).toBe(true);
    expect(readdirSync(folder).filter((file) => file.endsWith('.safetensors'))).toEqual([first, second]);
  });
});

describe('a redirect', () => {
  it('to another path is followed, also for a renamed model', async () => {
    await using server = await startHubServer({
      files,
      storage: '',
      answer: ({ url = '' }, response) =>
        url.includes('org/old') &&
        response.writeHead(307, { location: url.replace('org/old', 'org/tiny') }).end() !== null,
    });
    const { folder } = await home.load(server.endpoint, { name: 'org/old' });
    expect(folder).toBe(join(home.folder, 'hub', 'models--org--old', 'snapshots', COMMIT));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
  });
});

describe('a later load', () => {
  it('requests only the commit of the branch', async () => {
    await using server = await startHubServer({ files });
    const first = await home.load(server.endpoint);
    const before = server.requests.length;
    expect(await home.load(server.endpoint)).toEqual(first);
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual([
      '/api/models/org/tiny/revision/main',
    ]);
  });

  it('downloads only the files that a new commit changed, and keeps the old snapshot', async () => {
    await using old = await startHubServer({ files });
    await home.load(old.endpoint);
    const commit = 'f'.repeat(40);
    await using server = await startHubServer({
      commit,
      files: { ...files, 'config.json': Buffer.from('{}') },
    });
    const { folder, revision } = await home.load(server.endpoint);
    expect(revision).toBe(commit);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe('{}');
    expect(server.readsOf('config.json')).toHaveLength(1);
    expect(server.readsOf('model.safetensors')).toEqual([]);
    expect(existsSync(join(home.model, 'snapshots', COMMIT, 'config.json'))).toBe(true);
  });
});

describe('without the Hub', () => {
  it('uses a filled cache without any request when HF_HUB_OFFLINE is set', async () => {
    await using server = await startHubServer({ files });
    const first = await home.load(server.endpoint);
    const before = server.requests.length;
    const env = { HF_HUB_OFFLINE: '1' };
    expect(await home.load(server.endpoint, { env })).toEqual(first);
    expect(await home.load(server.endpoint, { env, revision: COMMIT })).toEqual(first);
    expect(server.requests).toHaveLength(before);
    expect(home.said).toEqual([]);
  });

  it('uses a filled cache and says so if the Hub does not respond', async () => {
    const server = await startHubServer({ files });
    const first = await home.load(server.endpoint);
    await server.close();
    expect(await home.load(server.endpoint)).toEqual(first);
    expect(home.said.join()).toMatch(
      /^org\/tiny: using the copy in the cache \(commit 0123456789ab\); the Hub: (ECONN\w+|other side closed)$/,
    );
  });

  it('uses a filled cache if the Hub fails or denies access', async () => {
    await using server = await startHubServer({ files });
    const first = await home.load(server.endpoint);
    for (const status of [503, 403, 200]) {
      await using broken = await startHubServer({
        files,
        answer: (_, response) => response.writeHead(status).end('<html>sign in</html>') !== null,
      });
      expect(await home.load(broken.endpoint)).toEqual(first);
      expect(broken.requests).toHaveLength(1);
    }
  });

  it('says which files to put where if the cache is empty, and reads them from there', async () => {
    const env = { HF_HUB_OFFLINE: 'true' };
    const error = await home.fail(NOBODY, { env });
    const folder = join(home.model, 'snapshots', 'main');
    expect(error.code).toBe('HUB_OFFLINE');
    expect(error.hint).toContain(
      `Put config.json, model.safetensors, tokenizer.json (or vocab.txt) and tokenizer_config.json of org/tiny into ${folder},`,
    );
    mkdirSync(folder, { recursive: true });
    for (const file of ['config.json', 'model.safetensors']) writeFileSync(join(folder, file), files[file]!);
    expect((await home.fail(NOBODY, { env })).message).toBe(
      `${folder}: expected tokenizer.json (or vocab.txt) of org/tiny, but downloads from the Hub are off because HF_HUB_OFFLINE is set`,
    );
    writeFileSync(join(folder, 'vocab.txt'), files['vocab.txt']!);
    expect(await home.load(NOBODY, { env })).toEqual({ folder, revision: 'main' });
  });

  it('says the same if the Hub does not respond', async () => {
    const error = await home.fail(NOBODY);
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.hint).toContain(join(home.model, 'snapshots', 'main'));
    expect(error.exitCode).toBe(1);
  });

  it('does not accept a snapshot that lacks a shard', async () => {
    const folder = join(home.model, 'snapshots', COMMIT);
    mkdirSync(folder, { recursive: true });
    for (const file of ['config.json', 'vocab.txt']) writeFileSync(join(folder, file), '');
    const index = JSON.stringify({ weight_map: { a: 'x.safetensors' } });
    writeFileSync(join(folder, 'model.safetensors.index.json'), index);
    const env = { HF_HUB_OFFLINE: '1' };
    const error = await home.fail(NOBODY, { env, revision: COMMIT });
    expect(error.message).toContain(`${folder}: expected x.safetensors of org/tiny`);
  });
});

describe('what the Hub refuses', () => {
  it('names an unknown model and an unknown revision', async () => {
    await using server = await startHubServer({ files });
    const unknown = await home.fail(server.endpoint, { name: 'org/tinny' });
    expect(unknown.code).toBe('HUB_REPOSITORY_UNKNOWN');
    expect(unknown.message).toContain('org/tinny');
    expect((await home.fail(server.endpoint, { revision: 'v9' })).code).toBe('HUB_REVISION_UNKNOWN');
    expect((await home.fail(server.endpoint, { revision: '../v9' })).code).toBe('HUB_REVISION_UNKNOWN');
    expect((await home.fail(server.endpoint, { name: 'a/b/c' })).code).toBe('MODEL_SOURCE_INVALID');
    expect(existsSync(home.model)).toBe(false);
  });

  it('distinguishes an unknown model from an unknown revision if the server gives no code', async () => {
    await using server = await startHubServer({
      files,
      answer: (_, response) => response.writeHead(404).end() !== null,
    });
    expect((await home.fail(server.endpoint)).code).toBe('HUB_REPOSITORY_UNKNOWN');
    expect((await home.fail(server.endpoint, { revision: 'v9' })).code).toBe('HUB_REVISION_UNKNOWN');
  });

  it.each([
    [401, {}, 'status 401 without a token'],
    [403, { 'x-error-code': 'GatedRepo' }, 'status 403, the model is gated'],
  ])('says that a token is needed at %i', async (status, headers, got) => {
    await using server = await startHubServer({
      files,
      answer: (_, response) => response.writeHead(status, headers).end() !== null,
    });
    const error = await home.fail(server.endpoint);
    expect(error.code).toBe('HUB_ACCESS_DENIED');
    expect(error.message).toContain(got);
    expect(error.hint).toContain('HF_TOKEN');
    expect(server.requests).toHaveLength(1);
  });

  it('sends the token of the environment or of Python only to the endpoint', async () => {
    await using storage = await startHubServer({ files });
    await using server = await startHubServer({ files, storage: storage.endpoint });
    await home.load(server.endpoint, { env: { HF_TOKEN: ' hf_one\n' } });
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer hf_one']),
    );
    expect(storage.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
    writeFileSync(join(home.folder, 'token'), 'hf_two\n');
    await home.load(server.endpoint);
    expect(server.requests.at(-1)?.authorization).toBe('Bearer hf_two');
  });

  it('does not accept another server as the Hub', async () => {
    await using server = await startHubServer({
      files,
      answer: (_, response) => response.end('<html>sign in</html>') !== null,
    });
    expect((await home.fail(server.endpoint)).code).toBe('HUB_ANSWER_INVALID');
    await using circle = await startHubServer({
      files,
      answer: ({ url }, response) => response.writeHead(307, { location: url }).end() !== null,
    });
    expect((await home.fail(circle.endpoint)).message).toContain('redirects without an end');
    expect((await home.fail('ftp://x')).code).toBe('USAGE');
  });
});

describe('a repository without a checkpoint', () => {
  it('refuses pickled weights, and says how to convert them', async () => {
    const { 'model.safetensors': _, ...rest } = files;
    await using server = await startHubServer({ files: { ...rest, 'pytorch_model.bin': weights } });
    const error = await home.fail(server.endpoint);
    expect(error.code).toBe('HUB_WEIGHTS_PICKLED');
    expect(error.hint).toContain("AutoModel.from_pretrained('org/tiny').save_pretrained(");
    expect(server.requests).toHaveLength(1);
  });

  it('names what the repository lacks before it downloads anything', async () => {
    await using server = await startHubServer({ files: { 'model.safetensors': weights } });
    const error = await home.fail(server.endpoint);
    expect(error.code).toBe('HUB_CHECKPOINT_INCOMPLETE');
    expect(error.message).toContain('expected config.json, tokenizer.json (or vocab.txt) in');
    expect(server.requests).toHaveLength(1);
  });

  it.each(['../../evil.safetensors', '/evil.safetensors', 'absent.safetensors'])(
    'refuses an index that names %s as a shard',
    async (shard) => {
      const { 'model.safetensors': _, ...rest } = files;
      const index = Buffer.from(JSON.stringify({ weight_map: { a: shard } }));
      await using server = await startHubServer({
        files: { ...rest, 'model.safetensors.index.json': index },
      });
      expect((await home.fail(server.endpoint)).code).toBe('HUB_CHECKPOINT_INCOMPLETE');
    },
  );
});
