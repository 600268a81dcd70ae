// A server with the built page and invented runs, sweeps, versions and lineage: for states and amounts that a real home
// rarely has. It answers the studio's requests with the types of the client. Run by itself it serves them for looking at:
//   npx tsx test/browser/studio-fixtures.ts [port]

import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  CurvesFound,
  CurvesRequest,
  LineageGraph,
  LineageNode,
  MetricCurve,
  ParameterImportance,
  ParameterValue,
  ParetoView,
  RegisteredName,
  RegistryFound,
  RegistryVersion,
  RunChanges,
  RunDetails,
  RunFacts,
  RunsFound,
  StageChangeFacts,
  SweepDetails,
  SweepFacts,
  SweepTrial,
} from '../../src/client/studio-types.ts';

const web = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** The policy of the real server, so that a violation shows here as well. */
const POLICY = "default-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'";

export interface StudioFixtureOptions {
  readonly runs?: number;
  /** Points of each metric of a run. */
  readonly points?: number;
  readonly port?: number;
}

export interface StudioFixture {
  readonly url: string;
  /** Newest first; the first run is running. */
  readonly runIds: readonly string[];
  /** The requests so far: method and path without the query. */
  readonly requests: readonly string[];
  /** Bodies of POST requests, by path. */
  readonly bodies: ReadonlyMap<string, unknown>;
  /** Lets runs record `points` more and tells the pages that watch. */
  grow(runIds: readonly string[], points: number): void;
  close(): Promise<void>;
}

interface FixtureRun {
  facts: RunFacts;
  points: number;
}

const METRICS = ['train_loss', 'val_loss', 'val_accuracy', 'learning_rate', 'system_cpu_percent'] as const;
const STATUSES: readonly RunFacts['status'][] = ['finished', 'finished', 'stopped', 'failed', 'interrupted'];

/** The same numbers in 0..1 for the same seed. */
export function createNoise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The value of a metric of run `index` after `share` of its training. */
function valueAt(metric: string, index: number, share: number, noise: number): number {
  const floor = 0.12 + (index % 7) * 0.03;
  const fall = Math.exp(-share * (3 + (index % 5)));
  switch (metric) {
    case 'train_loss':
      return floor * 0.7 + 0.65 * fall + (noise - 0.5) * 0.12;
    case 'val_loss':
      return floor + 0.55 * fall + share * share * 0.04 * (index % 4) + (noise - 0.5) * 0.02;
    case 'val_accuracy':
      return 0.97 - floor * 0.4 - 0.4 * fall + (noise - 0.5) * 0.01;
    case 'learning_rate':
      return 3e-4 * (1 - share);
    default:
      return 60 + noise * 30;
  }
}

function measure(run: FixtureRun, index: number, metric: string): { xs: number[]; values: number[] } {
  const noise = createNoise(index * 31 + metric.length);
  const every = metric.startsWith('val_') ? 20 : 1;
  const xs: number[] = [];
  const values: number[] = [];
  for (let step = 1; step <= run.points; step++) {
    const random = noise();
    if (step % every !== 0) continue;
    xs.push(step);
    values.push(valueAt(metric, index, step / Math.max(run.points, 2000), random));
  }
  return { xs, values };
}

/** The least and the greatest of each of `maxPoints / 2` parts, as the server does it. */
function thin(
  xs: readonly number[],
  values: readonly number[],
  maxPoints: number,
): [number[], number[], number[]] {
  if (xs.length <= maxPoints) return [[...xs], [...values], xs.map(Math.round)];
  const parts = Math.floor(maxPoints / 2) - 1;
  const kept = new Set<number>([0, xs.length - 1]);
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((part * xs.length) / parts);
    const to = Math.floor(((part + 1) * xs.length) / parts);
    let [low, high] = [from, from];
    for (let i = from; i < to; i++) {
      if (values[i]! < values[low]!) low = i;
      if (values[i]! > values[high]!) high = i;
    }
    kept.add(low).add(high);
  }
  const indices = [...kept].sort((a, b) => a - b);
  return [indices.map((i) => xs[i]!), indices.map((i) => values[i]!), indices.map((i) => i + 1)];
}

const models = ['compact', 'linear', 'distilbert', 'compact-wide'];

function inventRun(index: number, count: number, points: number): FixtureRun {
  const isRunning = index === 0;
  const status = isRunning ? 'running' : STATUSES[index % STATUSES.length]!;
  const best = valueAt('val_loss', index, 0.8, 0.5);
  const metrics = {
    accuracy: valueAt('val_accuracy', index, 1, 0.5),
    macroF1: 0.93,
    rocAuc: 0.98,
    brier: 0.06,
    ece: 0.02,
    loss: best,
  };
  const facts: RunFacts = {
    id: `run-20261130${String(count - index).padStart(6, '0')}${(index * 7919).toString(36).padStart(6, 'k')}`,
    createdAt: new Date(Date.UTC(2026, 10, 30, 12) - index * 3_700_000).toISOString(),
    status,
    model: models[index % models.length]!,
    datasetVersion: `ds-${(index % 3) + 4}f0a2b6c9d1e`,
    parents: [],
    steps: points,
    best: { step: Math.round(points * 0.8), metrics, calibratedLoss: best },
    test: status === 'finished' ? metrics : null,
    modelVersion: index % 5 === 1 ? `compact@${1 + (index % 9)}` : null,
    seconds: 40 + ((index * 977) % 9000),
    peakMemoryBytes: 3e8 + (index % 11) * 1e8,
    tags: index % 4 === 0 ? ['baseline'] : index % 6 === 1 ? ['sweep', 'länger'] : [],
    note: index % 9 === 2 ? 'Halved the learning rate after the loss rose again' : null,
    machine: `lab-${1 + (index % 3)}`,
    metrics: METRICS.map((name) => ({
      name,
      last: valueAt(name, index, 1, 0.5),
      lastStep: points,
      min: name === 'val_loss' ? best : valueAt(name, index, 1, 0),
      max: valueAt(name, index, name === 'val_accuracy' ? 1 : 0, 1),
    })),
    config: {},
  };
  return { facts, points };
}

function configOf(index: number): Record<string, unknown> {
  return {
    'data.seed': 42 + index,
    'model.layers': 2 + (index % 3),
    'model.width': 128,
    'optimizer.name': index % 2 === 0 ? 'adamw' : 'adam',
    'optimizer.learningRate': [3e-4, 1e-4, 5e-5][index % 3],
    'train.batchSize': [16, 32, 64][index % 3],
    'train.epochs': 10,
  };
}

/** A sweep with a log axis, a whole number, choices and a conditional parameter; some of its trials are repeats. */
function inventSweep(runIds: readonly string[]): SweepDetails {
  const noise = createNoise(5);
  const trials: SweepTrial[] = [];
  for (let number = 0; number < 60; number++) {
    const repeats = number >= 48 ? trials[[11, 23, 30][number % 3]!]!.parameters : null;
    const optimizer = noise() < 0.6 ? 'adamw' : 'adam';
    const parameters: Record<string, ParameterValue> = repeats
      ? { ...repeats }
      : {
          'optimizer.learningRate': Number((10 ** (-5 + noise() * 2.5)).toPrecision(4)),
          'train.batchSize': [16, 32, 64][Math.floor(noise() * 3)]!,
          'model.layers': 1 + Math.floor(noise() * 6),
          'model.dropout': Number((noise() * 0.5).toFixed(3)),
          'optimizer.name': optimizer,
          ...(optimizer === 'adamw' ? { 'optimizer.weightDecay': Number((noise() * 0.1).toFixed(4)) } : {}),
        };
    const rate = Math.log10(Number(parameters['optimizer.learningRate'])) + 3.6;
    const value =
      0.14 +
      rate * rate * 0.09 +
      Math.abs(Number(parameters['model.layers']) - 4) * 0.014 +
      Number(parameters['model.dropout']) * 0.06 +
      noise() * 0.03;
    const state =
      number === 59 ? 'running' : number % 13 === 7 ? 'failed' : number % 7 === 3 ? 'stopped' : 'finished';
    trials.push({
      number,
      state,
      runId: runIds[number % runIds.length] ?? null,
      parameters,
      value: state === 'failed' || state === 'running' ? null : value,
      createdAt: new Date(Date.UTC(2026, 10, 29, 8, number * 4)).toISOString(),
      finishedAt:
        state === 'running' ? null : new Date(Date.UTC(2026, 10, 29, 8, number * 4 + 3)).toISOString(),
      reports: [1, 2, 3].map((step) => ({ step, value: value + 0.3 / step })),
      repeats: number >= 48 ? [11, 23, 30][number % 3]! : null,
      seed: number >= 48 ? number : null,
      failure: state === 'failed' ? { code: 'TRAINING_DIVERGED', message: 'the loss is not a number' } : null,
    });
  }
  const done = trials.filter(({ state }) => state === 'finished');
  const best = done.reduce((a, b) => (Number(b.value) < Number(a.value) ? b : a));
  const number = (
    name: string,
    low: number,
    high: number,
    log: boolean,
    kind: 'float' | 'int' = 'float',
  ) => ({
    name,
    kind,
    low,
    high,
    log,
    choices: null,
  });
  const choice = (name: string, choices: readonly ParameterValue[]) => ({
    name,
    kind: 'categorical' as const,
    low: null,
    high: null,
    log: false,
    choices,
  });
  const sweep: SweepFacts = {
    id: 'sweep-20261129-080000',
    createdAt: new Date(Date.UTC(2026, 10, 29, 8)).toISOString(),
    name: 'compact on two sources',
    status: 'running',
    method: 'tpe',
    metric: 'val_loss',
    goal: 'minimize',
    parameters: [
      number('optimizer.learningRate', 1e-5, 3.2e-3, true),
      choice('train.batchSize', [16, 32, 64]),
      number('model.layers', 1, 6, false, 'int'),
      number('model.dropout', 0, 0.5, false),
      choice('optimizer.name', ['adamw', 'adam']),
      number('optimizer.weightDecay', 0, 0.1, false),
    ],
    trials: {
      finished: done.length,
      running: 1,
      failed: trials.filter(({ state }) => state === 'failed').length,
      stopped: trials.filter(({ state }) => state === 'stopped').length,
      planned: 80,
    },
    best: { trial: best.number, runId: best.runId, value: best.value! },
  };
  return { sweep, trials, noise: measureInventedNoise(trials) };
}

function measureInventedNoise(trials: readonly SweepTrial[]): SweepDetails['noise'] {
  const settings = [11, 23, 30].map((trial) => {
    const values = trials
      .filter(({ number, repeats, value }) => (number === trial || repeats === trial) && value !== null)
      .map(({ value }) => Number(value));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { trial, n: values.length, mean, deviation: 0.01, beatsBest: 0.4 };
  });
  return {
    settings: settings.sort((a, b) => a.mean - b.mean),
    ...{ pooledDeviation: 0.01, isClear: false, says: 'The lead is within the noise of the seed.' },
  };
}

function inventVersions(): RegistryVersion[] {
  const version = (name: string, number: number, stages: RegistryVersion['stages']): RegistryVersion => {
    const accuracy = 0.88 + number * 0.012;
    const figures = (collection: string, outOfSource: boolean, value: number) =>
      ({
        collection,
        outOfSource,
        synthetic: false,
        n: 412,
        metrics: { accuracy: value, macroF1: value, rocAuc: 0.95, brier: 0.08, ece: 0.03, loss: 0.3 },
        intervals: { accuracy: [value - 0.03, value + 0.025] },
        abstention: { threshold: 0, answered: 1, accuracyAnswered: value },
        perClass: [],
        reliability: [],
      }) as unknown as RegistryVersion['evaluations'][number];
    return {
      name,
      version: number,
      reference: `${name}@${number}`,
      createdAt: new Date(Date.UTC(2026, 10, 20 + number, 9)).toISOString(),
      runId: `run-20261130000${number}kkkkkk`,
      datasetVersion: `ds-${4 + (number % 3)}f0a2b6c9d1e`,
      synthetic: name === 'linear',
      parameterCount: 820_000,
      sizeBytes: 3_400_000,
      stages,
      evaluations:
        number === 1
          ? []
          : [figures('own', false, accuracy), figures('elsewhere2016', true, accuracy - 0.24)],
    };
  };
  return [
    version('compact', 1, []),
    version('compact', 2, []),
    version('compact', 3, ['production']),
    version('compact', 4, ['staging']),
    version('linear', 1, []),
    version('linear', 2, ['production']),
  ];
}

function inventLineage(id: string): LineageGraph {
  const node = (
    nodeId: string,
    kind: LineageNode['kind'],
    label: string,
    facts: LineageNode['facts'] = {},
    missing = false,
  ): LineageNode => ({ id: nodeId, kind, label, createdAt: '2026-11-28T10:00:00Z', facts, missing });
  return {
    id,
    nodes: [
      node('md5:0a1b2c', 'file', 'Fake.csv', { rows: 23_481, sizeBytes: 62_000_000 }),
      node('md5:3d4e5f', 'file', 'True.csv', { rows: 21_417, sizeBytes: 53_000_000 }),
      node('md5:9f8e7d', 'file', 'Beschwerden_2025_ergänzt_und_geprüft.csv', { rows: 812 }, true),
      node('ds-4f0a2b6c9d1e', 'dataset', 'isot-sample', { rows: 44_898 }),
      node('ds-5f0a2b6c9d1e', 'dataset', 'isot-sample', { rows: 45_710 }),
      node('sweep-1', 'sweep', 'compact on two sources', { trials: 60 }),
      node('run-1', 'run', 'compact …0kkkk1', { status: 'finished', val_loss: 0.142 }),
      node('run-2', 'run', 'compact …0kkkk2', { status: 'finished', val_loss: 0.131 }),
      node('run-3', 'run', 'linear …0kkkk3', { status: 'failed' }),
      node('compact@2', 'model', 'compact@2', { accuracy: 0.91 }),
      node('compact@3', 'model', 'compact@3', { accuracy: 0.92 }),
      node('compact@production', 'deployment', 'compact in production', { stage: 'production' }),
      node('live', 'deployment', 'this server', {}),
    ],
    edges: [
      ['md5:0a1b2c', 'ds-4f0a2b6c9d1e'],
      ['md5:3d4e5f', 'ds-4f0a2b6c9d1e'],
      ['md5:0a1b2c', 'ds-5f0a2b6c9d1e'],
      ['md5:3d4e5f', 'ds-5f0a2b6c9d1e'],
      ['md5:9f8e7d', 'ds-5f0a2b6c9d1e'],
      ['ds-4f0a2b6c9d1e', 'run-1'],
      ['ds-5f0a2b6c9d1e', 'run-2'],
      ['ds-5f0a2b6c9d1e', 'run-3'],
      ['sweep-1', 'run-2'],
      ['run-1', 'compact@2'],
      ['run-2', 'compact@3'],
      ['compact@3', 'compact@production'],
      ['compact@production', 'live'],
    ].map(([from, to]) => ({ from: from!, to: to! })),
  };
}

function detailsOf(run: FixtureRun, index: number): RunDetails {
  const isRunning = run.facts.status === 'running';
  return {
    run: run.facts,
    head: {
      id: run.facts.id,
      seed: 42 + index,
      commit: '6133142b0c',
      isDirty: index % 2 === 1,
      command: 'veracity train --config compact --set train.epochs=10',
      node: 'v20.19.0',
      machine: { host: 'lab-2', cpu: 'Invented 2000', cores: 8, memoryBytes: 16e9 },
      versions: { veracity: '0.1.0', onnxruntime: '1.30.0' },
    },
    configuration: Object.entries(configOf(index)).map(([path, value], at) => ({
      path,
      value,
      origin: ['configs/train/default.yaml', 'command line', null][at % 3]!,
    })),
    events: [{ type: 'started', createdAt: run.facts.createdAt }],
    evaluations: [],
    artifacts: [
      {
        name: 'model',
        kind: 'model',
        digest: `sha256:${'4f'.repeat(32)}`,
        sizeBytes: 3_400_000,
        path: 'model',
      },
      {
        name: 'checkpoint 400',
        kind: 'checkpoint',
        digest: `sha256:${'a0'.repeat(32)}`,
        sizeBytes: 9_800_000,
        path: 'checkpoints/400',
      },
    ],
    texts: [
      { name: 'summary', step: 400, text: 'The validation loss fell until step 380.\nThen it stayed.' },
    ],
    histograms: [100, 200, 400].map((step) => ({
      name: 'article_tokens',
      step,
      edges: Array.from({ length: 21 }, (_, at) => at * 25),
      counts: Array.from({ length: 20 }, (_, at) =>
        Math.round(400 * Math.exp(-((at - 6 - step / 100) ** 2) / 14)),
      ),
    })),
    paths: { folder: `runs/${run.facts.id}` },
    stopRequested: false,
    canResume: !isRunning && run.facts.status !== 'finished',
  };
}

const problem = (status: number, code: string, detail: string, hint: string) => ({
  status,
  body: { type: 'about:blank', title: code, status, code, detail, hint, requestId: '0f-invented' },
});

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

/** Starts the server. */
export async function startStudioFixture(options: StudioFixtureOptions = {}): Promise<StudioFixture> {
  const { runs: count = 40, points = 2000, port = 0 } = options;
  const runs = Array.from({ length: count }, (_, index) => inventRun(index, count, points));
  const ids = runs.map(({ facts }) => facts.id);
  const sweep = inventSweep(ids);
  const versions = inventVersions();
  const history: StageChangeFacts[] = [
    {
      createdAt: '2026-11-22T09:30:00Z',
      stage: 'production',
      version: 2,
      action: 'promote',
      forced: false,
      note: 'gate passed',
      reason: 'better on both collections',
    },
    {
      createdAt: '2026-11-24T10:00:00Z',
      stage: 'production',
      version: 3,
      action: 'promote',
      forced: true,
      note: 'gate: cannot be compared',
      reason: 'the old one was trained on a file with wrong labels',
    },
  ];
  const requests: string[] = [];
  const bodies = new Map<string, unknown>();
  const watchers = new Set<ServerResponse>();
  let cursor = 1;

  const tell = (changed: readonly FixtureRun[]): void => {
    const changes: RunChanges = {
      cursor: String(++cursor),
      runs: changed.map(({ facts }) => facts),
      deleted: [],
    };
    for (const watcher of watchers) watcher.write(`data: ${JSON.stringify(changes)}\n\n`);
  };
  const change = (run: FixtureRun, facts: Partial<RunFacts>): RunFacts => {
    run.facts = { ...run.facts, ...facts };
    tell([run]);
    return run.facts;
  };

  const listCurves = (wanted: CurvesRequest): CurvesFound => {
    const { axis = 'step', from = -Infinity, to = Infinity, maxPoints = 500 } = wanted;
    const factor = { step: 1, epoch: 1 / 200, time: 0.35, articles: 16 }[axis];
    return {
      axis,
      missing: [],
      curves: wanted.runs.flatMap((id) =>
        wanted.metrics.flatMap((metric): MetricCurve[] => {
          const index = ids.indexOf(id);
          if (index < 0) return [];
          const measured = measure(runs[index]!, index, metric);
          // runs differ in how fast they are
          const pace = axis === 'step' ? 1 : 1 + (index % 3) * 0.5;
          const xs = measured.xs.map((step) => step * factor * pace);
          const inside = xs.flatMap((x, i) => (x >= from && x <= to ? [i] : []));
          const [x, values, steps] = thin(
            inside.map((i) => xs[i]!),
            inside.map((i) => measured.values[i]!),
            maxPoints,
          );
          return [{ runId: id, metric, x, values, steps, count: inside.length }];
        }),
      ),
    };
  };

  const answer = async (request: IncomingMessage, path: string, query: URLSearchParams): Promise<unknown> => {
    const body = request.method === 'POST' ? await readBody(request) : undefined;
    if (body !== undefined) bodies.set(path, body);
    const [, , room = '', name = '', action = ''] = path.split('/').map(decodeURIComponent);
    const run = runs[ids.indexOf(name)];
    if (room === 'runs' && name === '') {
      const where = query.get('where') ?? '';
      const [, field, value] = /^(\w+)=([\w-]+)$/.exec(where) ?? [];
      if (where !== '' && field === undefined)
        return problem(
          400,
          'FILTER_INVALID',
          `where: expected a comparison such as val_loss<0.2, got "${where}"`,
          'Join comparisons with "and".',
        );
      const paths = (query.get('config') ?? '').split(',').filter(Boolean);
      const found = runs
        .map((one, index) => ({
          ...one.facts,
          config: Object.fromEntries(paths.map((path) => [path, configOf(index)[path] ?? null])),
        }))
        .filter((one) => field === undefined || String(one[field as keyof RunFacts]) === value);
      return { runs: found, total: found.length, damaged: [], cursor: String(cursor) } satisfies RunsFound;
    }
    if (room === 'runs' && name === 'curves') return listCurves(body as CurvesRequest);
    if (room === 'runs' && name === 'differences') {
      const wanted = (body as { runs: string[] }).runs;
      const configs = wanted.map((id) => configOf(ids.indexOf(id)));
      const paths = Object.keys(configs[0]!);
      const differing = paths.filter((path) => new Set(configs.map((config) => config[path])).size > 1);
      return {
        runs: wanted,
        differences: differing.map((path) => ({
          path,
          values: configs.map((config) => config[path]),
          absent: [],
        })),
        same: paths.length - differing.length,
      };
    }
    if (room === 'runs' && run !== undefined) {
      if (action === '') return detailsOf(run, ids.indexOf(name));
      if (action === 'log')
        return {
          lines: [
            { createdAt: run.facts.createdAt, level: 'info', text: 'started with seed 42', source: 'events' },
            {
              createdAt: run.facts.createdAt,
              level: 'info',
              text: 'epoch 1: val_loss 0.412',
              source: 'output',
            },
            {
              createdAt: run.facts.createdAt,
              level: 'warn',
              text: '3 rows were left out: no label',
              source: 'output',
            },
          ],
        };
      if (action === 'stop') return change(run, { status: 'stopped' });
      if (action === 'resume') {
        change(run, { status: 'running' });
        return { runId: name, processId: 4711, status: 'running' };
      }
      if (action === 'note') return change(run, { note: (body as { note: string | null }).note });
      if (action === 'tags') {
        const { add = [], remove = [] } = body as { add?: string[]; remove?: string[] };
        return change(run, { tags: [...run.facts.tags.filter((tag) => !remove.includes(tag)), ...add] });
      }
    }
    if (room === 'sweeps' && name === '') return { sweeps: [sweep.sweep] };
    if (room === 'sweeps' && action === 'importance')
      return {
        metric: query.get('metric') ?? 'val_loss',
        trials: 44,
        parameters: [0.61, 0.17, 0.11, 0.06, 0.03, 0.02].map((importance, at) => ({
          name: sweep.sweep.parameters[[0, 2, 3, 1, 5, 4][at]!]!.name,
          ...{ importance, low: importance * 0.7, high: Math.min(1, importance * 1.3) },
          correlation:
            at === 5
              ? { kind: 'ratio', value: 0.02 }
              : { kind: 'spearman', value: [-0.42, -0.31, 0.22, 0.05, 0.01][at]! },
        })),
        stopped: 4,
        pairs: [
          { names: ['optimizer.learningRate', 'model.layers'], importance: 0.04, low: 0.01, high: 0.08 },
        ],
        reason: null,
      } satisfies ParameterImportance;
    if (room === 'sweeps' && action === 'pareto') {
      const metrics = (query.get('metrics') ?? 'val_loss,train_seconds').split(',') as [string, string];
      const points = sweep.trials
        .filter(({ value }) => value !== null)
        .map(({ number, runId, value, state }) => ({
          trial: number,
          isStopped: state !== 'finished',
          runId: runId ?? '',
          values: [Number(value), 60 + ((number * 37) % 90) + 20 / Number(value)] as const,
        }));
      return {
        metrics,
        points: points.map((point) => ({
          ...point,
          isBest:
            !point.isStopped &&
            !points.some(
              ({ values: [a, b], isStopped }) =>
                !isStopped &&
                a <= point.values[0] &&
                b <= point.values[1] &&
                (a < point.values[0] || b < point.values[1]),
            ),
        })),
      } satisfies ParetoView;
    }
    if (room === 'sweeps' && name === sweep.sweep.id) return sweep;
    if (room === 'registry' && name === '')
      return { versions, damaged: [], served: 'compact@3', undecided: [] } satisfies RegistryFound;
    if (room === 'registry' && action === '')
      return {
        name,
        versions: versions.filter((version) => version.name === name),
        history: name === 'compact' ? history : [],
        rollbackTo: name === 'compact' ? 2 : null,
      } satisfies RegisteredName;
    if (room === 'registry' && (action === 'promote' || action === 'rollback')) {
      const {
        reason,
        version = 2,
        stage = 'production',
      } = body as {
        reason: string;
        version?: number;
        stage?: 'production' | 'staging';
      };
      const changed: StageChangeFacts = {
        createdAt: '2026-11-30T12:00:00Z',
        stage,
        version,
        action: action === 'promote' ? 'promote' : 'rollback',
        forced: false,
        note: 'gate passed',
        reason,
      };
      history.push(changed);
      versions.forEach((one, index) => {
        if (one.name !== name) return;
        const others = one.stages.filter((other) => other !== stage);
        versions[index] = { ...one, stages: one.version === version ? [...others, stage] : others };
      });
      return { change: changed, previous: 3, served: `${name}@${version}`, needsRestart: false };
    }
    if (room === 'lineage') return inventLineage(name);
    return problem(404, 'NOT_FOUND', `${path}: there is nothing`, 'Look at the list.');
  };

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fixture');
    if (!pathname.startsWith('/v1/')) return serveFile(pathname, response);
    requests.push(`${request.method} ${pathname}`);
    if (pathname === '/v1/runs/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n');
      watchers.add(response);
      response.on('close', () => watchers.delete(response));
      return;
    }
    const result = await answer(request, pathname, searchParams);
    const isProblem = typeof result === 'object' && result !== null && 'status' in result && 'body' in result;
    const { status, body } = isProblem
      ? (result as { status: number; body: unknown })
      : { status: 200, body: result };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`,
    runIds: ids,
    requests,
    bodies,
    grow: (grown, more) => {
      const changed = grown.map((id) => runs[ids.indexOf(id)]!);
      for (const run of changed) {
        run.points += more;
        run.facts = {
          ...run.facts,
          steps: run.points,
          metrics: run.facts.metrics.map((metric) => ({ ...metric, lastStep: run.points })),
        };
      }
      tell(changed);
    },
    close: () =>
      new Promise((resolve) => {
        for (const watcher of watchers) watcher.end();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function serveFile(pathname: string, response: ServerResponse): void {
  const path = join(web, pathname === '/' ? 'index.html' : pathname);
  if (!path.startsWith(web) || !existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  response
    .writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
    })
    .end(readFileSync(path));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fixture = await startStudioFixture({ port: Number(process.argv[2] ?? 8123) });
  console.log(`${fixture.url}/#/studio`);
  setInterval(() => fixture.grow(fixture.runIds.slice(0, 1), 5), 1000);
}
