// Bench of every way to compress a model: size, figures on its own test split, agreement with the original, latency of one
// article and articles a second; also a small student with and without the model as its teacher.
// npx tsx bench/compression.ts [--allow-busy]     (needs dist: npm run build)
// VERACITY_HOME and VERACITY_BENCH_MODELS="compact@1 minilm@1" name trained models. Without them the bench first trains a
// small model on the bundled sample; that shows that everything runs, but nothing about real articles.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/foundation/core/clock.ts';
import { silentLogger } from '../src/foundation/core/logger.ts';
import { silentProgress } from '../src/foundation/core/progress.ts';
import type { DatasetArticle } from '../src/foundation/records/article.ts';
import { locateHome } from '../src/foundation/records/home.ts';
import { loadTrainConfig } from '../src/workflows/configuration/index.ts';
import { trainConfigSchema } from '../src/workflows/configuration/train-schema.ts';
import { createStores } from '../src/workflows/context/stores.ts';
import { exportModel } from '../src/workflows/export/model-export.ts';
import { train } from '../src/workflows/train/library.ts';
import { type CompressedModel, type MeasuredModel, measureModels, openModel } from './compression-model.ts';
import { saveDetails, type Table } from './details.ts';
import { runSuite, type Suite } from './harness.ts';
import { medianOf, THREADS } from './sides.ts';

const SUITE = 'compression';
const POINTS_LOST_BY_INT8 = 0.5; // of accuracy; promised
const PRUNED_SHARE = 0.25;
/** A model of the size that `npm start` trains. */
const STUDENT = [
  'model.layers=2',
  'model.width=64',
  'model.heads=2',
  'model.feed_forward=96',
  'model.vocabulary=4096',
  'model.dropout.attention=0',
  'optimizer.lr=2e-3',
  'model.max_length=128',
  'train.epochs=4',
  'evaluate=standard',
];

const temporary = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const context = {
  home: locateHome(join(temporary, 'home')),
  stores: createStores(locateHome(join(temporary, 'home')), systemClock),
  workingDirectory: process.cwd(),
  logger: silentLogger,
  clock: systemClock,
  progress: silentProgress,
  warn: () => {},
  say: (line: string) => process.stderr.write(`  ${line}\n`),
  signal: new AbortController().signal,
};

try {
  const given = (process.env.VERACITY_BENCH_MODELS ?? '').split(' ').filter((name) => name !== '');
  if (given.length > 0) copyHome();
  else await train(['experiment=demo', 'evaluate=standard', 'register=compact'], { home: context.home.root });
  const tables: Table[] = [];
  await runSuite(
    SUITE,
    async (suite) => {
      for (const model of given.length > 0 ? given : ['compact@1']) tables.push(await compare(suite, model));
    },
    { threads: THREADS },
  );
  saveDetails(SUITE, {
    tables,
    notes: [
      'MB: onnx/model.onnx, which predicts. Agreement: same label as fp32 on the test split. p50: one article alone; articles/s: 64 at once, both including cleaning and tokenizing; load: the first time, including the tokenizer.',
      `Pruned: a quarter of the attention heads, those worth least on validation, without training after. Distilled: 2 x 64, 128 tokens, taught by the model at temperature 2; "student alone": the same without a teacher.`,
      'Intervals are 95%, drawn by near-duplicate group.',
    ],
  });
} finally {
  rmSync(temporary, { recursive: true });
}

/** Copies VERACITY_HOME into a temporary home, which is removed at the end. */
function copyHome(): void {
  cpSync(locateHome().root, context.home.root, { recursive: true });
}

async function compare(suite: Suite, reference: string): Promise<Table> {
  const original = await context.stores.registry.materialize(reference);
  const { runId, datasetVersion, parameterCount, maxTokens } = original.info;
  const articles: DatasetArticle[] = [];
  for await (const article of context.stores.datasets.readSplit(
    await context.stores.datasets.load(datasetVersion),
    'test',
  ))
    articles.push(article);
  const make = async (name: string, precision: 'fp32' | 'fp16' | 'int8', pruneHeads: number) => {
    const out = join(temporary, `${reference} ${name}`);
    const { config } = loadTrainConfig([], context);
    await exportModel({ model: reference, precision, pruneHeads, out, register: null, config }, context);
    return openModel(name, out);
  };
  const models: CompressedModel[] = [
    await openModel('fp32', original.folder),
    await make('fp16', 'fp16', 0),
    await make('int8', 'int8', 0),
    await make('pruned', 'fp32', PRUNED_SHARE),
    await make('int8, pruned', 'int8', PRUNED_SHARE),
    await openModel('distilled', await trainStudent(runId, reference)),
    await openModel('student alone', await trainStudent(runId, null)),
  ];
  const rows = await measureModels(models, articles);
  for (const { classifier } of models) await classifier.dispose();
  recordFigures(suite, reference, rows);
  return {
    title: `${reference}: ${parameterCount.toLocaleString('en')} parameters, ${maxTokens} tokens, ${articles.length} test articles`,
    columns: ['', 'MB', 'accuracy', 'ECE', 'agreement', 'p50, ms', 'articles/s', 'load, ms'],
    rows: rows.map((row) => [
      row.name,
      (row.sizeBytes / 1e6).toFixed(1),
      `${row.accuracy.toFixed(4)} [${row.interval.map((value) => value.toFixed(4)).join(', ')}]`,
      row.ece.toFixed(4),
      `${(100 * row.agreement).toFixed(1)}%`,
      medianOf(row.latencies).toFixed(1),
      medianOf(row.rates).toFixed(1),
      row.loadMs.toFixed(0),
    ]),
  };
}

function recordFigures(suite: Suite, reference: string, rows: readonly MeasuredModel[]): void {
  const find = (name: string): MeasuredModel => rows.find((row) => row.name === name)!;
  const [plain, int8] = [find('fp32'), find('int8')];
  suite.record({
    name: `${reference}: accuracy lost by int8`,
    unit: 'points',
    better: 'lower',
    values: [100 * (plain.accuracy - int8.accuracy)],
    limit: POINTS_LOST_BY_INT8,
  });
  suite.record({
    name: `${reference}: size, int8 / fp32`,
    unit: 'times',
    better: 'lower',
    values: [int8.sizeBytes / plain.sizeBytes],
  });
  suite.record({
    name: `${reference}: articles/s, int8 / fp32`,
    unit: 'times',
    better: 'higher',
    values: int8.rates.map((rate, i) => rate / plain.rates[i]!),
  });
  suite.record({
    name: `${reference}: latency, fp32 / int8`,
    unit: 'times',
    better: 'higher',
    values: plain.latencies.map((ms, i) => ms / int8.latencies[i]!),
  });
}

/** Trains a student on the data of the model's own run, hence on the same splits. @returns the student's folder */
async function trainStudent(runId: string, teacher: string | null): Promise<string> {
  const config = trainConfigSchema.parse((await context.stores.runs.load(runId)).config);
  const { kind, path } = config.data;
  const outcome = await train(
    [
      ...(teacher === null
        ? ['model=compact']
        : ['experiment=distil', `teacher=${teacher}`, 'register=distilled']),
      `data=${kind}`,
      ...(path === null ? [] : [`data.path=${path}`]),
      `seed=${config.seed}`,
      ...STUDENT,
    ],
    { home: context.home.root, workingDirectory: context.workingDirectory, say: context.say },
  );
  if (outcome.status !== 'finished') throw new Error(`the student's run ended ${outcome.status}`);
  return outcome.result.path;
}
