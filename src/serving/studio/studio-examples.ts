// Values of the examples in the documentation of the studio's routes.
import { evaluationReportRecord, runRecord } from '../../foundation/records/index.ts';
import type { ServedLineage, ServedName, ServedRegistry, ServedStageChange } from './registry-schemas.ts';
import type {
  ServedChanges,
  ServedCurves,
  ServedDifferences,
  ServedResume,
  ServedRun,
  ServedRunDetails,
  ServedRunLog,
  ServedRuns,
} from './run-schemas.ts';
import type { ServedImportance, ServedPareto, ServedSweep, ServedSweepDetails } from './sweep-schemas.ts';

const { metrics } = evaluationReportRecord.example;
const { id, createdAt, model, datasetVersion, parents, commit, versions } = runRecord.example;
export const EXAMPLE_RUN_ID = id;
export const EXAMPLE_SWEEP_ID = 'sweep-20260101-000000-abcd';
const OTHER_RUN_ID = 'run-20260102-000000-abcd';

export const exampleRun: ServedRun = {
  id,
  createdAt,
  status: 'running',
  model,
  datasetVersion,
  parents,
  steps: 200,
  best: { step: 100, metrics, calibratedLoss: 0.1 },
  test: null,
  modelVersion: null,
  seconds: null,
  peakMemoryBytes: null,
  tags: ['baseline'],
  note: 'With the harbour articles.',
  machine: 'training-1',
  metrics: [
    { name: 'train_loss', last: 0.21, lastStep: 200, min: 0.2, max: 0.69 },
    { name: 'val_loss', last: 'NaN', lastStep: 200, min: 0.25, max: 0.25 },
  ],
  config: { 'optimizer.lr': 0.001 },
};

export const exampleRuns: ServedRuns = { runs: [exampleRun], total: 1, damaged: [], cursor: '17' };

export const exampleRunDetails: ServedRunDetails = {
  run: exampleRun,
  head: { commit, versions, device: 'cpu' },
  configuration: [
    { path: 'seed', value: 42, origin: 'configs/train.yaml' },
    { path: 'optimizer.lr', value: 0.001, origin: 'command line' },
  ],
  events: [{ type: 'started', createdAt, process: 4711, resumedAtStep: 0 }],
  evaluations: [],
  artifacts: [
    {
      name: 'step-200',
      kind: 'checkpoint',
      digest: `sha256:${'0'.repeat(64)}`,
      sizeBytes: 20_000_000,
      path: 'checkpoints/step-200',
    },
  ],
  texts: [],
  histograms: [{ name: 'gradient', step: 100, edges: [-1, 0, 1], counts: [3, 4] }],
  paths: { run: `/home/desk/.veracity/runs/${id}` },
  stopRequested: false,
  canResume: false,
};

export const exampleCurves: ServedCurves = {
  axis: 'step',
  curves: [
    {
      runId: id,
      metric: 'train_loss',
      x: [1, 100, 200],
      values: [0.69, 0.4, 0.21],
      steps: [1, 100, 200],
      count: 200,
    },
  ],
  missing: [],
};

export const exampleLog: ServedRunLog = {
  lines: [{ createdAt, level: 'info', text: 'started (process 4711)', source: 'events' }],
};

export const exampleDifferences: ServedDifferences = {
  runs: [id, OTHER_RUN_ID],
  differences: [{ path: 'optimizer.lr', values: [0.001, 0.003], absent: [] }],
  same: 61,
};

export const exampleChanges: ServedChanges = { cursor: '18', runs: [exampleRun], deleted: [] };

export const exampleResume: ServedResume = { runId: id, processId: 4711, status: 'running' };

export const exampleSweep: ServedSweep = {
  id: EXAMPLE_SWEEP_ID,
  createdAt,
  name: 'compact-lr',
  status: 'running',
  method: 'tpe',
  metric: 'val_loss',
  goal: 'minimize',
  parameters: [
    { name: 'optimizer.lr', kind: 'float', low: 0.0001, high: 0.01, log: true, choices: null },
    {
      name: 'schedule',
      kind: 'categorical',
      low: null,
      high: null,
      log: false,
      choices: ['cosine', 'constant'],
    },
  ],
  trials: { finished: 1, running: 1, failed: 0, stopped: 0, planned: 20 },
  best: { trial: 0, runId: id, value: 0.25 },
};

export const exampleSweepDetails: ServedSweepDetails = {
  sweep: exampleSweep,
  trials: [
    {
      number: 0,
      state: 'finished',
      runId: id,
      parameters: { 'optimizer.lr': 0.001, schedule: 'cosine' },
      value: 0.25,
      createdAt,
      finishedAt: createdAt,
      reports: [{ step: 100, value: 0.3 }],
      ...{ repeats: null, seed: null, failure: null },
    },
  ],
  noise: null,
};

export const exampleImportance: ServedImportance = {
  metric: 'val_loss',
  trials: 20,
  stopped: 4,
  parameters: [
    {
      ...{ name: 'optimizer.lr', importance: 0.8, low: 0.7, high: 0.9 },
      correlation: { kind: 'spearman', value: -0.6 },
    },
    {
      ...{ name: 'schedule', importance: 0.1, low: 0.02, high: 0.2 },
      correlation: { kind: 'ratio', value: 0.1 },
    },
  ],
  pairs: [{ names: ['optimizer.lr', 'schedule'], importance: 0.05, low: 0, high: 0.1 }],
  reason: null,
};

export const examplePareto: ServedPareto = {
  metrics: ['val_loss', 'seconds'],
  points: [{ trial: 0, runId: id, values: [0.25, 310], isBest: true, isStopped: false }],
};

const exampleVersion: ServedRegistry['versions'][number] = {
  name: 'compact',
  version: 1,
  reference: 'compact@1',
  createdAt,
  runId: id,
  datasetVersion,
  synthetic: true,
  parameterCount: 5_000_000,
  sizeBytes: 21_000_000,
  stages: ['production'],
  evaluations: [{ collection: 'sample (test split)', outOfSource: false, synthetic: true, n: 2, metrics }],
};

export const exampleRegistry: ServedRegistry = {
  versions: [exampleVersion],
  damaged: [],
  served: 'compact@1',
  undecided: [],
};

const exampleChange: ServedStageChange['change'] = {
  createdAt,
  stage: 'production',
  version: 1,
  action: 'promote',
  forced: false,
  note: '',
  reason: 'better on the harbour articles',
};

export const exampleName: ServedName = {
  name: 'compact',
  versions: [exampleVersion],
  history: [exampleChange],
  rollbackTo: null,
};

export const exampleStageChange: ServedStageChange = {
  change: exampleChange,
  previous: null,
  served: 'compact@1',
  needsRestart: false,
};

export const exampleLineage: ServedLineage = {
  id: 'compact@1',
  nodes: [
    {
      id: 'md5:d41d8cd98f00b204e9800998ecf8427e',
      kind: 'file',
      label: 'articles.jsonl',
      createdAt: null,
      facts: { sizeBytes: 0 },
      missing: false,
    },
    { id: datasetVersion, kind: 'dataset', label: 'sample', createdAt, facts: { rows: 12 }, missing: false },
    { id, kind: 'run', label: model, createdAt, facts: { status: 'finished' }, missing: false },
    { id: 'compact@1', kind: 'model', label: 'compact@1', createdAt, facts: {}, missing: false },
    {
      id: 'compact@production',
      kind: 'deployment',
      label: 'production',
      createdAt,
      facts: { stage: 'production' },
      missing: false,
    },
  ],
  edges: [
    { from: 'md5:d41d8cd98f00b204e9800998ecf8427e', to: datasetVersion },
    { from: datasetVersion, to: id },
    { from: id, to: 'compact@1' },
    { from: 'compact@1', to: 'compact@production' },
  ],
};
