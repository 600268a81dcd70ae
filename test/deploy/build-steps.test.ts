// Tests the scripts that run inside the images or during their build, without an image.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { createFileModelRegistry } from '../../src/keeping/registry/file-model-registry.ts';
import { repositoryRoot } from '../architecture/source-imports.ts';
import { createRealLinearModel } from '../serve/real-model.ts';

const script = (name: string): string => join(repositoryRoot, 'deploy', 'docker', name);
let root = '';
let digest = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'veracity-image-steps-'));
  createRealLinearModel(join(root, 'folder'));
  const registry = createFileModelRegistry(locateHome(root), systemClock);
  const model = await registry.register({ name: 'compact', folder: join(root, 'folder'), evaluations: [] });
  digest = model.record.digest;
});
afterAll(() => rmSync(root, { recursive: true }));

describe('verify-model', () => {
  const verify = (environment: Record<string, string>, models = join(root, 'models')) =>
    spawnSync(process.execPath, [script('verify-model.mjs'), models], {
      encoding: 'utf8',
      env: { MODEL_NAME: 'compact', MODEL_VERSION: '1', MODEL_DIGEST: digest, ...environment },
    });

  it('accepts the requested version if it is unchanged', () => {
    const { status, stdout } = verify({});
    expect(status).toBe(0);
    expect(stdout).toContain(`compact@1 is as registered`);
  });

  it('refuses another digest', () => {
    const { status, stderr } = verify({ MODEL_DIGEST: 'cd'.repeat(32) });
    expect(status).toBe(2);
    expect(stderr).toContain(`compact@1: expected digest ${'cd'.repeat(32)}, got ${digest}`);
  });

  it.each([
    ['no version', { MODEL_VERSION: '' }, /MODEL_VERSION: expected a number/],
    ['no digest', { MODEL_DIGEST: '' }, /MODEL_DIGEST: expected 64/],
    ['a version that is not there', { MODEL_VERSION: '2' }, /MODEL_NOT_FOUND/],
    ['a model that is not there', { MODEL_NAME: 'other' }, /MODEL_NOT_FOUND/],
  ])('refuses %s', (_what, environment, expected) => {
    const { status, stderr } = verify(environment);
    expect(status).toBe(2);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('refuses a changed or missing file, even if the digest is the requested one', () => {
    const changed = join(root, 'changed');
    cpSync(join(root, 'models'), changed, { recursive: true });
    const card = join(changed, 'compact', '1', 'README.md');
    chmodSync(card, 0o644);
    writeFileSync(card, 'better than it is');
    expect(verify({}, changed).stderr).toMatch(/MODEL_DIGEST_MISMATCH.*README\.md/);
    rmSync(card);
    expect(verify({}, changed).stderr).toMatch(/MODEL_DIGEST_MISMATCH.*README\.md/);
  });
});

describe('prune-packages', () => {
  const createPackages = (platforms: readonly string[]): string => {
    const packages = mkdtempSync(join(root, 'packages-'));
    for (const platform of platforms) {
      const folder = join(packages, 'onnxruntime-node', 'bin', 'napi-v6', platform);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'onnxruntime_binding.node'), 'x');
    }
    mkdirSync(join(packages, 'one', 'lib'), { recursive: true });
    for (const name of ['index.js', 'index.js.map', 'index.d.ts', 'LICENSE', 'README.md'])
      writeFileSync(join(packages, 'one', 'lib', name), 'x');
    return packages;
  };
  const prune = (packages: string) =>
    spawnSync(process.execPath, [script('prune-packages.mjs'), packages], { encoding: 'utf8' });

  it('keeps the runtime of this platform and files that programs load, and removes the rest', () => {
    const here = `${process.platform}/${process.arch}`;
    const packages = createPackages([here, `${process.platform}/mips`, 'haiku/x64']);
    expect(prune(packages).status).toBe(0);
    const binaries = join(packages, 'onnxruntime-node', 'bin', 'napi-v6');
    expect(existsSync(join(binaries, here, 'onnxruntime_binding.node'))).toBe(true);
    expect(readdirSync(binaries)).toEqual([process.platform]);
    expect(readdirSync(join(binaries, process.platform))).toEqual([process.arch]);
    const left = ['index.js', 'index.js.map', 'index.d.ts', 'LICENSE', 'README.md'].filter((name) =>
      existsSync(join(packages, 'one', 'lib', name)),
    );
    expect(left).toEqual(['index.js', 'LICENSE']);
  });

  it('fails if the runtime of this platform is missing', () => {
    const { status, stderr } = prune(createPackages(['win32/mips']));
    expect(status).toBe(1);
    expect(stderr).toContain(`expected onnxruntime-node for ${process.platform}`);
  });
});

describe('check-health', () => {
  const check = async (port: number): Promise<number | null> => {
    const child = spawn(process.execPath, [script('check-health.mjs')], {
      env: { VERACITY_PORT: String(port) },
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  };

  it('reports healthy while /readyz returns 200, and unhealthy otherwise', async () => {
    let status = 200;
    const asked = new Set<string | undefined>();
    const server = createServer((request, response) => {
      asked.add(request.url);
      response.writeHead(status).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await check(port)).toBe(0);
    status = 503;
    expect(await check(port)).toBe(1);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect(await check(port)).toBe(1);
    expect([...asked]).toEqual(['/readyz']);
  });
});
