// Prepares what a training reads: a dataset version, the encoder for the model, and the splits as ids. A vocabulary is
// trained on the train split only and cached by (dataset version, size); ids are cached by (dataset version, encoder).
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  appError,
  createFolderAtomic,
  invariant,
  isAppError,
  withBuildLock,
} from '../../foundation/core/index.ts';
import type {
  AcceptedLeaks,
  DatasetManifest,
  LeakCheck,
  Run,
  SplitName,
} from '../../foundation/records/index.ts';
import { assertHeadSaves, formatWeightPlan, type ModelPlan, planModel } from '../../learning/models/index.ts';
import { assertTrainable } from '../../learning/train/index.ts';
import type { ArticleEncoder, TokenizedSplit } from '../../text/tokenize/index.ts';
import {
  createHashedNgramEncoder,
  createWordPieceTokenizer,
  formatContent,
  loadOrTokenizeSplit,
  loadWordPieceTokenizer,
  saveWordPieceTokenizer,
  trainVocabulary,
  type WordPieceTokenizer,
  wrapTokenizer,
} from '../../text/tokenize/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { nameData } from '../evaluate/index.ts';
import {
  assertNoLeaks,
  type LeakReader,
  type PreparedDataset,
  prepareDatasetVersion,
} from '../prepare/index.ts';
import { buildFineTuning } from './fine-tuning.ts';
import { openPretrainedModel, type PretrainedModel } from './pretrained-model.ts';
import { prepareTeacher, type Teacher } from './teacher.ts';
import { checkBeforeData, checkWithData } from './training-checks.ts';

export interface TrainingInputs {
  readonly manifest: DatasetManifest;
  readonly encoder: ArticleEncoder;
  /** The checkpoint that the model starts from; null: it is trained from scratch. */
  readonly pretrained: PretrainedModel | null;
  readonly train: TokenizedSplit;
  readonly validation: TokenizedSplit;
  /** The model whose probabilities are learned beside the labels; null: labels only. */
  readonly teacher: Teacher | null;
  /** null: nothing gives the label away above its limit. */
  readonly acceptedLeaks: AcceptedLeaks | null;
}

/**
 * Prepares everything that the model learns from, or finds it in the home.
 * @param resumed  the run to resume, whose data and pretrained model are used again; null: a new run
 * @throws what the checks before a training throw; what prepareDataset throws; DATA_SPLIT_ZERO, SPLIT_EMPTY; CHECKPOINT_MISMATCH if the dataset version cannot be made again; the
 *   signal's reason when it is aborted
 */
export async function prepareTrainingInputs(
  config: TrainConfig,
  resumed: Pick<Run, 'datasetVersion' | 'pretrained'> | null,
  context: WorkflowContext,
): Promise<TrainingInputs> {
  const { model } = config;
  assertValidationShare(config, resumed?.datasetVersion ?? null);
  const plan = planModel(model);
  const checks = await checkBeforeData(config, context);
  const pretrained =
    plan.start === 'checkpoint' ? await openPretrainedModel(plan.config, resumed?.pretrained, context) : null;
  assertTrainable(buildFineTuning(config.train), {
    kind: model.kind,
    layers: pretrained?.checkpoint.definition.layers ?? (plan.start === 'scratch' ? plan.layers : 0),
    pretrained: pretrained !== null,
  });
  if (plan.start === 'checkpoint' && pretrained !== null)
    assertHeadSaves(pretrained.checkpoint.definition, plan.config.head);
  const reader = { readsCase: pretrained !== null && readsCase(pretrained.encoder) };
  const { manifest, leakCheck } = await prepareManifest(
    config,
    resumed?.datasetVersion ?? null,
    reader,
    context,
  );
  // If the test split has no share of the data, the model is evaluated on validation instead.
  const needed =
    config.data.split.test > 0
      ? (['train', 'validation', 'test'] as const)
      : (['train', 'validation'] as const);
  for (const split of needed) {
    if (manifest.splits[split].rows === 0) throw appError('SPLIT_EMPTY', { split, className: 'any' });
  }
  await checkWithData(checks, config, manifest, context);
  if (pretrained !== null) tellPretrained(pretrained, manifest, context);
  const encoder = await createEncoder(plan, model, pretrained, manifest, context);
  const tokenize = (split: SplitName): Promise<TokenizedSplit> =>
    loadOrTokenizeSplit({
      cacheFolder: context.home.cache,
      datasetVersion: manifest.id,
      split,
      encoder,
      articles: () => readWhileWanted(context.stores.datasets.readSplit(manifest, split), context.signal),
      total: manifest.splits[split].rows,
      progress: context.progress,
      logger: context.logger,
    });
  const startMs = context.clock.monotonicMs();
  const train = await tokenize('train');
  const validation = await tokenize('validation');
  const seconds = (context.clock.monotonicMs() - startMs) / 1000;
  const tokens = train.ids.length + validation.ids.length;
  const cut = train.truncated + validation.truncated;
  context.say(
    `tokenised train and validation: ${tokens.toLocaleString('en')} tokens in ${seconds.toFixed(1)}s; ` +
      `${cut} articles truncated to ${encoder.maxTokens}`,
  );
  const teacher =
    checks.teacher === null ? null : await prepareTeacher(checks.teacher, config, manifest, context);
  const acceptedLeaks = leakCheck === null ? null : findAccepted(leakCheck, reader);
  return { manifest, encoder, pretrained, train, validation, teacher, acceptedLeaks };
}

/** @throws DATA_SPLIT_ZERO if a new dataset version would have no validation split */
function assertValidationShare({ data }: TrainConfig, datasetVersion: string | null): void {
  if (datasetVersion === null && data.split.validation === 0)
    throw appError('DATA_SPLIT_ZERO', {
      split: 'validation',
      hint: 'Training chooses its best step and fits its probabilities on this split. Set data.split.validation=0.1.',
    });
}

async function prepareManifest(
  config: TrainConfig,
  datasetVersion: string | null,
  reader: LeakReader,
  context: WorkflowContext,
): Promise<Pick<PreparedDataset, 'manifest' | 'leakCheck'>> {
  const { home, stores, say } = context;
  if (datasetVersion !== null && (await stores.datasets.has(datasetVersion))) {
    const manifest = await stores.datasets.load(datasetVersion);
    const { leakCheck = null } = manifest;
    if (leakCheck !== null) assertNoLeaks(manifest.name, leakCheck, reader, null);
    return { manifest, leakCheck };
  }
  const { manifest, leakCheck } = await prepareDatasetVersion(config, context, reader);
  if (datasetVersion !== null && manifest.id !== datasetVersion) {
    throw appError('CHECKPOINT_MISMATCH', {
      path: home.datasets,
      expected: datasetVersion,
      got: manifest.id,
    });
  }
  const { train, validation, test } = manifest.splits;
  const sizes = `${train.rows} train, ${validation.rows} validation, ${test.rows} test`;
  const invented = manifest.synthetic ? ' (synthetic articles)' : '';
  say(`dataset ${manifest.id}: ${nameData(manifest)}${invented}, ${sizes}`);
  return { manifest, leakCheck };
}

/** The leaks that the model may learn, where the configuration accepts them. */
function findAccepted({ accepted, leaks, caseLeaks }: LeakCheck, reader: LeakReader): AcceptedLeaks | null {
  const read = [...leaks, ...(reader.readsCase ? caseLeaks : [])];
  return accepted === null || read.length === 0 ? null : { reason: accepted, leaks: read };
}

/** Whether an encoder tells capital letters from small ones. */
function readsCase(encoder: ArticleEncoder): boolean {
  const idsOf = (text: string): string => encoder.encode({ title: '', text }).ids.join();
  return idsOf('Word WORD') !== idsOf('word word');
}

function tellPretrained(
  { checkpoint, origin }: PretrainedModel,
  { classNames }: DatasetManifest,
  { say }: WorkflowContext,
): void {
  const at = origin.revision === null ? '' : ` at ${origin.revision.slice(0, 12)}`;
  say(
    `pretrained ${checkpoint.definition.family}: ${origin.name}${at}, sha256 ${origin.sha256.slice(0, 12)}`,
  );
  for (const line of formatWeightPlan(checkpoint, classNames)) say(`  ${line}`);
}

async function createEncoder(
  plan: ModelPlan,
  { truncation, max_length: maxTokens }: TrainConfig['model'],
  pretrained: PretrainedModel | null,
  manifest: DatasetManifest,
  context: WorkflowContext,
): Promise<ArticleEncoder> {
  switch (plan.start) {
    case 'features': {
      const { buckets, wordNgrams } = plan;
      return createHashedNgramEncoder({ buckets, wordNgrams, maxWords: maxTokens, truncation });
    }
    case 'scratch': {
      const tokenizer = await loadOrTrainTokenizer(plan.vocabulary, maxTokens, manifest, context);
      return wrapTokenizer(tokenizer, { maxTokens, truncation });
    }
    case 'checkpoint':
      invariant(pretrained !== null, 'a pretrained model was opened');
      return pretrained.encoder;
  }
}

async function loadOrTrainTokenizer(
  size: number,
  maxTokens: number,
  manifest: DatasetManifest,
  context: WorkflowContext,
): Promise<WordPieceTokenizer> {
  const folder = join(context.home.cache, 'tokenizers', `${manifest.id}-${size}`);
  return (
    findTokenizer(folder) ??
    withBuildLock(
      folder,
      async () => findTokenizer(folder) ?? trainTokenizer(folder, size, maxTokens, manifest, context),
      context.signal,
    )
  );
}

/** null: there is none yet. */
function findTokenizer(folder: string): WordPieceTokenizer | null {
  try {
    return loadWordPieceTokenizer(folder);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'FILE_NOT_FOUND') throw error;
    return null;
  }
}

async function trainTokenizer(
  folder: string,
  size: number,
  maxTokens: number,
  manifest: DatasetManifest,
  { stores, clock, say, signal, progress }: WorkflowContext,
): Promise<WordPieceTokenizer> {
  const startMs = clock.monotonicMs();
  const bar = progress('vocabulary', manifest.splits.train.rows, 'articles');
  async function* texts(): AsyncGenerator<string> {
    let counted = 0;
    for await (const article of readWhileWanted(stores.datasets.readSplit(manifest, 'train'), signal)) {
      yield formatContent(article);
      bar.update(++counted);
    }
  }
  const pieces = await trainVocabulary(texts(), { size }).finally(bar.stop);
  const tokenizer = createWordPieceTokenizer(pieces);
  await createFolderAtomic(folder, async (temporary) =>
    saveWordPieceTokenizer(tokenizer, temporary, maxTokens),
  );
  const seconds = (clock.monotonicMs() - startMs) / 1000;
  say(`trained a vocabulary of ${tokenizer.vocabulary.size} pieces in ${seconds.toFixed(1)}s: ${folder}`);
  return tokenizer;
}

const LISTEN_EVERY = 256;

/** Yields `articles`; throws the signal's reason when it is aborted. Lets the event loop run so that signals arrive. */
async function* readWhileWanted<T>(articles: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  let read = 0;
  for await (const article of articles) {
    if (read++ % LISTEN_EVERY === 0) await nextTurn();
    signal.throwIfAborted();
    yield article;
  }
}
