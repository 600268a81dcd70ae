// Tests the published tarball: its content, and that it works in an empty folder with only npm.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../architecture/source-imports.ts';
import { postgresPrograms, startPostgres } from '../fixtures/postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'veracity-packed-'));
const project = join(folder, 'project');
let packed: readonly string[] = [];

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

function runIn(
  cwd: string,
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): string {
  // The install script of onnxruntime-node downloads CUDA libraries from outside the npm registry by default.
  const env = {
    ...process.env,
    ONNXRUNTIME_NODE_INSTALL: 'skip',
    VERACITY_HOME: join(folder, 'home'),
    ...environment,
  };
  return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a command of the installed package answers in JSON. */
function ask<T>(environment: Record<string, string>, ...args: string[]): T {
  return JSON.parse(runIn(project, 'npx', ['veracity', ...args, '--json'], environment)) as T;
}

beforeAll(() => {
  runIn(repositoryRoot, process.execPath, ['scripts/build.mjs', '--if-stale']);
  const output = runIn(repositoryRoot, 'npm', [
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    folder,
  ]);
  const report = (JSON.parse(output) as PackReport[])[0]!;
  packed = report.files.map(({ path }) => path);
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'user', private: true, type: 'module' }),
  );
  runIn(project, 'npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    join(folder, report.filename),
  ]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed tarball', () => {
  it('has every file that the program starts as a thread or a process', () => {
    for (const name of [
      'keeping/database/sqlite-worker',
      'workflows/studio/studio-worker',
      'workflows/sweep/trial-process',
      'engine/runtime/training/training-worker',
    ])
      expect(packed).toContain(`dist/${name}.js`);
  });

  it('contains only dist, configs, the sample, templates, the page and the docs', () => {
    const roots = new Set(packed.map((path) => path.split('/')[0]));
    expect([...roots].sort()).toEqual([
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'bench',
      'configs',
      'dist',
      'docs',
      'package.json',
      'sample',
      'templates',
    ]);
    expect(packed.filter((path) => path.startsWith('bench/'))).toEqual(['bench/RESULTS.md']);
    expect(packed).toContain('dist/web/index.html');
    expect(packed).toContain('sample/articles.jsonl');
    expect(packed.filter((path) => /\.test\.|tsbuildinfo|(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  it('has every file that its documents link to', () => {
    const documents = packed.filter((path) => path.endsWith('.md'));
    const missing = documents.flatMap((path) =>
      [...readFileSync(join(repositoryRoot, path), 'utf8').matchAll(/\]\(([^)#\s]+)/g)]
        .map(([, link]) => link!)
        .filter((link) => !link.includes(':'))
        .map((link) => posix.normalize(posix.join(posix.dirname(path), link)))
        .filter((target) => !packed.some((file) => file === target || file.startsWith(`${target}/`)))
        .map((target) => `${path} -> ${target}`),
    );
    expect(documents).toContain('README.md');
    expect(missing).toEqual([]);
  });

  it('prints its help in an empty folder', () => {
    expect(runIn(project, 'npx', ['veracity', '--help'])).toMatch(/veracity train/);
  });

  it('trains and predicts in an empty folder', () => {
    const trained = JSON.parse(runIn(project, 'npx', ['veracity', 'train', 'model=linear', '--json'])) as {
      modelVersion: string;
    };
    expect(trained.modelVersion).toBe('sample@1');
    const output = runIn(project, 'npx', [
      'veracity',
      'predict',
      '--title',
      'Ferry resumes',
      '--text',
      'It sailed on Tuesday, the harbour office said.',
      '--json',
    ]);
    const prediction = JSON.parse(output) as {
      label: string;
      probabilities: Record<string, number>;
      modelVersion: string;
    };
    expect(['FAKE', 'REAL']).toContain(prediction.label);
    expect(prediction.probabilities.FAKE! + prediction.probabilities.REAL!).toBeCloseTo(1, 6);
    expect(prediction.modelVersion).toBe('sample@1');
  });

  it('keeps runs in a database, whose library has a binary of its own', () => {
    expect(existsSync(join(folder, 'home/veracity.db'))).toBe(true);
    expect(packed.filter((path) => path.endsWith('.node'))).toEqual([]);
    const [run] = ask<{ id: string }[]>({}, 'runs', 'list');
    expect(ask<object>({}, 'runs', 'show', run!.id)).toMatchObject({
      metricSummaries: expect.arrayContaining([expect.objectContaining({ name: 'train_loss' })]),
    });
  });

  it('searches with trials in processes of their own', () => {
    const args = ['sweep', 'sweep=learning-rate', 'model=linear', 'sweep.budget.trials=2'];
    const { trials } = ask<{ trials: { state: string }[] }>({}, ...args);
    expect(trials.map(({ state }) => state)).toEqual(['finished', 'finished']);
  });

  it.skipIf(postgresPrograms === null)('runs the trials of a queue in PostgreSQL', async () => {
    const server = await startPostgres();
    try {
      const environment = { VERACITY_DB: await server.createDatabase() };
      expect(ask(environment, 'worker', '--idle', '1')).toMatchObject({ committed: 0 });
      expect(ask(environment, 'runs', 'list')).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  it('serves the studio', async () => {
    const port = 20_000 + (process.pid % 10_000);
    const studio = spawn('npx', ['veracity', 'studio', '--port', `${port}`], {
      cwd: project,
      env: { ...process.env, VERACITY_HOME: join(folder, 'home') },
      stdio: 'ignore',
      detached: true,
    });
    try {
      const read = async (): Promise<number> => {
        const response = await fetch(`http://127.0.0.1:${port}/v1/runs`).catch(() => null);
        return response === null ? 0 : ((await response.json()) as { total: number }).total;
      };
      await expect.poll(read).toBeGreaterThan(0);
    } finally {
      process.kill(-studio.pid!);
      await new Promise((resolve) => studio.once('close', resolve));
    }
  });

  it.each(['veracity', 'veracity/engine', 'veracity/predict', 'veracity/serve', 'veracity/client'])(
    'can be imported: %s',
    (name) => {
      const names = JSON.parse(
        runIn(project, process.execPath, [
          '--input-type=module',
          '-e',
          `console.log(JSON.stringify(Object.keys(await import('${name}'))))`,
        ]),
      ) as string[];
      expect(names.length).toBeGreaterThan(0);
    },
  );

  it('has types for every import', () => {
    const { exports } = JSON.parse(
      readFileSync(join(project, 'node_modules/veracity/package.json'), 'utf8'),
    ) as {
      exports: Record<string, string | { types: string; default: string }>;
    };
    for (const target of Object.values(exports)) {
      if (typeof target === 'string') continue;
      for (const file of [target.types, target.default])
        expect(existsSync(join(project, 'node_modules/veracity', file)), file).toBe(true);
    }
  });
});
