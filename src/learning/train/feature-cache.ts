// With a frozen encoder an article's vector never changes. It is computed once, by an inference session over batches of
// similar length, and cached under (encoder, tokenizer and maximum length, token ids). A frozen encoder has no dropout, so
// training on these vectors gives what training with the encoder in every step would give. An article's vector does not
// depend on the other articles in its batch (rows are independent and padded to whole vector registers), so a run does not
// depend on the state of the cache.

import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { int32Tensor, PROGRAM_NAMES, writeOnnx } from '../../engine/graph/index.ts';
import { lowerToOnnx } from '../../engine/ops/index.ts';
import type { Device } from '../../engine/runtime/session/index.ts';
import { createInferenceSession, type InferenceSession } from '../../engine/runtime/session/index.ts';
import type { ProgressFactory, Warn } from '../../foundation/core/index.ts';
import { canonicalJson, hashSha256, invariant, withBuildLock } from '../../foundation/core/index.ts';
import type { ArticleEncoder, TokenizedSplit } from '../../text/tokenize/index.ts';
import { planEvaluationBatches } from '../../text/tokenize/index.ts';
import type { EncoderModel, EncoderParts } from '../models/index.ts';
import { type FeatureStore, hashTokens, openFeatureStore } from './feature-store.ts';

/** The part of a model that computes one vector per article. */
export type FrozenEncoder = Pick<EncoderParts, 'digest' | 'width' | 'maxPositions' | 'buildEncoder'> &
  Pick<EncoderModel, 'loadWeights'>;

export interface FeatureCacheOptions {
  /** The home's cache; null: nothing is stored on disk. */
  readonly cacheFolder: string | null;
  readonly splits: readonly TokenizedSplit[];
  readonly tokenizer: Pick<ArticleEncoder, 'digest' | 'padId' | 'maxTokens'>;
  readonly threads: number;
  /** Where the encoder runs; default cpu. Vectors of another device are kept apart. */
  readonly device?: Device;
  readonly progress: ProgressFactory;
  readonly say: (line: string) => void;
  /** Default: `say`. */
  readonly warn?: Warn;
  readonly signal: AbortSignal;
  /** Milliseconds between shards written to the disk. */
  readonly flushMs?: number;
}

/** The vectors of all texts of the splits. */
export interface FeatureTable {
  /** N: different texts. */
  readonly size: number;
  /** [N, D] */
  readonly vectors: Float32Array;
  /** Row of a text, by hashTokens of its ids. */
  readonly rows: ReadonlyMap<string, number>;
  /** Numbers of texts that the encoder was run on, and that were in the cache. */
  readonly computed: number;
  readonly cached: number;
}

/** Increased when the code computes other vectors for the same encoder. */
const FEATURES_VERSION = 1;
const BATCH_ARTICLES = 16;
const BATCH_TOKENS = 4096;
const FLUSH_MS = 15_000;
/** T is padded to a multiple, so that kernels compute a row in the same way in every batch. */
const PAD_TO = 8;

/** The folder of an encoder's vectors with a tokenizer. */
export function nameFeatureFolder(
  cacheFolder: string,
  encoder: Pick<FrozenEncoder, 'digest'>,
  tokenizer: Pick<ArticleEncoder, 'digest' | 'maxTokens'>,
  device: Device = 'cpu',
): string {
  const facts = {
    version: FEATURES_VERSION,
    encoder: encoder.digest,
    tokenizer: tokenizer.digest,
    maxTokens: tokenizer.maxTokens,
    device,
  };
  return join(cacheFolder, 'features', hashSha256(canonicalJson(facts)).slice(0, 32));
}

/**
 * Reads the vectors of all texts from the cache, and computes and stores the missing ones. After an interruption it
 * continues where it was.
 * @throws DISK_FULL, ENGINE_FAILED; the signal's reason when it is aborted
 */
export async function loadOrComputeFeatures(
  encoder: FrozenEncoder,
  options: FeatureCacheOptions,
): Promise<FeatureTable> {
  const { cacheFolder, splits, tokenizer, device, say } = options;
  const folder = cacheFolder === null ? null : nameFeatureFolder(cacheFolder, encoder, tokenizer, device);
  const open = async (): Promise<FeatureStore> =>
    folder === null
      ? createMemoryStore()
      : await openFeatureStore(folder, encoder.width, options.warn ?? say);
  const texts = collectTexts(splits);
  const listMissing = (store: FeatureStore): [string, Int32Array][] =>
    [...texts].filter(([textId]) => store.get(textId) === undefined);
  const startMs = performance.now();
  let store = await open();
  let computed = 0;
  const complete = async (): Promise<void> => {
    const missing = listMissing(store);
    computed = missing.length;
    if (computed > 0) await computeMissing(encoder, new Map(missing), store, options);
  };
  if (folder === null) await complete();
  else if (listMissing(store).length > 0) {
    // Of several trainings at once one runs the encoder, and the others wait for its vectors.
    await withBuildLock(
      folder,
      async () => {
        store = await open();
        await complete();
      },
      options.signal,
    );
  }
  const table = gatherTable(texts.keys(), store, encoder.width);
  const cached = texts.size - computed;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  say(
    `vectors of the frozen encoder: ${computed} computed in ${seconds}s, ${cached} from ${folder ?? 'memory'}`,
  );
  return { ...table, computed, cached };
}

async function computeMissing(
  encoder: FrozenEncoder,
  missing: ReadonlyMap<string, Int32Array>,
  store: FeatureStore,
  options: FeatureCacheOptions,
): Promise<void> {
  const { cacheFolder, tokenizer, threads, device = 'cpu', progress, say, signal } = options;
  const { flushMs = FLUSH_MS } = options;
  const textIds = [...missing.keys()];
  const lengths = Int32Array.from(missing.values(), (ids) => ids.length);
  const plan = planEvaluationBatches({ lengths, maxArticles: BATCH_ARTICLES, maxTokens: BATCH_TOKENS });
  // Progress counts tokens, because long articles take longer.
  const bar = progress(
    'encode once',
    lengths.reduce((sum, length) => sum + length, 0),
    'tokens',
  );
  const session = await openEncoder(encoder, threads, device);
  let done = 0;
  let encoded = 0;
  let flushedMs = performance.now();
  try {
    for (const rows of plan.toReversed()) {
      signal.throwIfAborted();
      const batch = Array.from(rows, (row) => missing.get(textIds[row]!)!);
      const vectors = await encodeBatch(session, batch, tokenizer.padId, encoder.maxPositions); // [B, D]
      for (const [i, row] of rows.entries())
        store.add(textIds[row]!, vectors.subarray(i * encoder.width, (i + 1) * encoder.width));
      encoded += batch.length;
      done += batch.reduce((sum, ids) => sum + ids.length, 0);
      bar.update(done);
      if (performance.now() - flushedMs >= flushMs) {
        store.flush();
        flushedMs = performance.now();
      }
      await nextTurn(); // lets the process handle a stop signal
    }
  } finally {
    bar.stop();
    await session.dispose();
    store.flush();
    if (signal.aborted && cacheFolder !== null)
      say(`${encoded} of ${missing.size} vectors computed and saved; the same command continues from there`);
  }
}

async function openEncoder(
  encoder: FrozenEncoder,
  threads: number,
  device: Device,
): Promise<InferenceSession> {
  const { b, pooled } = encoder.buildEncoder();
  const model = lowerToOnnx(b.graph, {
    outputs: { features: pooled },
    weights: encoder.loadWeights(),
    name: 'frozen encoder',
  });
  return createInferenceSession(new Uint8Array(Buffer.concat(writeOnnx(model))), { threads, device });
}

/** @returns [B, D] */
async function encodeBatch(
  session: InferenceSession,
  texts: readonly Int32Array[],
  padId: number,
  maxPositions: number,
): Promise<Float32Array> {
  const longest = texts.reduce((most, ids) => Math.max(most, ids.length), 0);
  const length = Math.min(maxPositions, Math.ceil(longest / PAD_TO) * PAD_TO);
  const inputIds = new Int32Array(texts.length * length).fill(padId); // [B, T]
  const attentionMask = new Int32Array(texts.length * length); // [B, T]
  for (const [i, ids] of texts.entries()) {
    inputIds.set(ids, i * length);
    attentionMask.fill(1, i * length, i * length + ids.length);
  }
  const shape = [texts.length, length];
  const outputs = await session.run({
    [PROGRAM_NAMES.inputIds]: int32Tensor(shape, inputIds),
    [PROGRAM_NAMES.attentionMask]: int32Tensor(shape, attentionMask),
  });
  return outputs.features!.data as Float32Array;
}

/** Token ids of each different text. */
function collectTexts(splits: readonly TokenizedSplit[]): Map<string, Int32Array> {
  const texts = new Map<string, Int32Array>();
  for (const { ids, offsets, labels } of splits) {
    for (let row = 0; row < labels.length; row++) {
      const own = ids.subarray(offsets[row], offsets[row + 1]);
      texts.set(hashTokens(own), own);
    }
  }
  return texts;
}

function gatherTable(
  textIds: Iterable<string>,
  store: FeatureStore,
  width: number,
): Pick<FeatureTable, 'size' | 'vectors' | 'rows'> {
  const rows = new Map<string, number>();
  for (const textId of textIds) rows.set(textId, rows.size);
  const vectors = new Float32Array(rows.size * width);
  for (const [textId, row] of rows) {
    const vector = store.get(textId);
    invariant(vector !== undefined, 'every text has its vector by now');
    vectors.set(vector, row * width);
  }
  return { size: rows.size, vectors, rows };
}

function createMemoryStore(): FeatureStore {
  const vectors = new Map<string, Float32Array>();
  return {
    get: (textId) => vectors.get(textId),
    add: (textId, vector) => void vectors.set(textId, vector.slice()),
    flush: () => {},
  };
}
