// A classifier made of its parts, on the calling thread. Cleaning and encoding yield to the event loop every few
// milliseconds; the session blocks its thread while it runs.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OnnxSession } from '../../engine/runtime/session/index.ts';
import { appError } from '../../foundation/core/index.ts';
import {
  type ArticleText,
  type ModelFolder,
  type Prediction,
  runsAlone,
} from '../../foundation/records/index.ts';
import { cleanArticle } from '../../text/clean/index.ts';
import type { ArticleEncoder } from '../../text/tokenize/index.ts';
import type { OutOfDistributionDetector } from '../out-of-distribution/index.ts';
import { assertArticlesHaveText, hasOnlyAddressAsText } from './article-refusal.ts';
import { padBatch, planInferenceBatches } from './batch-plan.ts';
import { createPrediction } from './calibrated-prediction.ts';
import {
  type DetailedClassifier,
  type DetailedPrediction,
  listLengthWarnings,
} from './detailed-prediction.ts';

/** How long cleaning and encoding may hold the event loop before other work gets a turn. */
const SLICE_MS = 8;

export interface ClassifierParts {
  readonly info: ModelFolder;
  readonly encoder: ArticleEncoder;
  /** Inputs input_ids and attention_mask [B, T] int64; output logits [B, C] float32. */
  readonly session: OnnxSession;
  readonly modelVersion: string;
  /** Compares articles with the training articles; null: the model's folder knows nothing of them. */
  readonly detector?: OutOfDistributionDetector | null;
}

interface EncodedText {
  readonly cleaned: ArticleText;
  readonly ids: Int32Array;
  readonly truncated: boolean;
  readonly onlyAddress: boolean;
}

interface ModelOutputs {
  /** [N, C] */
  readonly logits: Float32Array;
  /** [N][D]; empty for a model without vectors. */
  readonly embeddings: readonly Float32Array[];
}

/** Creates the classifier; disposing of it disposes of the session. */
export function createClassifier(parts: ClassifierParts): ArticleClassifier {
  return new ArticleClassifier(parts);
}

/** Cleans and encodes articles, runs the model, and details its predictions. */
export class ArticleClassifier implements DetailedClassifier {
  readonly info: ModelFolder;
  readonly modelVersion: string;
  readonly #parts: ClassifierParts;

  constructor(parts: ClassifierParts) {
    this.info = parts.info;
    this.modelVersion = parts.modelVersion;
    this.#parts = parts;
  }

  async predictDetailed(articles: readonly ArticleText[]): Promise<DetailedPrediction[]> {
    const encoded = await encodeArticles(articles, this.#parts);
    const { logits, embeddings } = await runModel(encoded, this.#parts);
    const classes = this.info.classNames.length; // C
    return encoded.map((article, row) =>
      detailPrediction(
        article,
        { logits: logits.subarray(row * classes, (row + 1) * classes), embedding: embeddings[row] },
        this.#parts,
      ),
    );
  }

  async computeLogits(articles: readonly ArticleText[]): Promise<Float32Array> {
    return (await runModel(await encodeArticles(articles, this.#parts), this.#parts)).logits;
  }

  async predict(articles: readonly ArticleText[]): Promise<Prediction[]> {
    assertArticlesHaveText(articles, this.info);
    return (await this.predictDetailed(articles)).map(({ prediction }) => prediction);
  }

  dispose(): Promise<void> {
    return this.#parts.session.dispose();
  }
}

async function encodeArticles(
  articles: readonly ArticleText[],
  { info, encoder }: ClassifierParts,
): Promise<EncodedText[]> {
  const encoded: EncodedText[] = [];
  let sliceStartMs = performance.now();
  for (const article of articles) {
    const { article: cleaned } = cleanArticle(article, info.cleaning);
    const { ids, truncated } = encoder.encode(cleaned);
    encoded.push({ cleaned, ids, truncated, onlyAddress: hasOnlyAddressAsText(article, info) });
    if (performance.now() - sliceStartMs > SLICE_MS) {
      await nextTurn();
      sliceStartMs = performance.now();
    }
  }
  return encoded;
}

/** Runs the model in batches of similar length; the outputs keep the order of the articles. */
async function runModel(
  encoded: readonly EncodedText[],
  { info, encoder, session }: ClassifierParts,
): Promise<ModelOutputs> {
  const classes = info.classNames.length; // C
  const logits = new Float32Array(encoded.length * classes); // [N, C]
  const embeddings: Float32Array[] = [];
  const lengths = encoded.map(({ ids }) => ids.length);
  for (const rows of planInferenceBatches(lengths, { alone: runsAlone(info.precision) })) {
    const sequences = rows.map((row) => encoded[row]!.ids);
    const outputs = await runBatch(session, sequences, encoder.padId, classes); // [B, C]
    const width = (outputs.embeddings?.length ?? 0) / rows.length; // D
    rows.forEach((row, position) => {
      logits.set(outputs.logits.subarray(position * classes, (position + 1) * classes), row * classes);
      if (outputs.embeddings !== undefined)
        embeddings[row] = outputs.embeddings.subarray(position * width, (position + 1) * width);
    });
  }
  return { logits, embeddings };
}

function detailPrediction(
  { cleaned, ids, truncated, onlyAddress }: EncodedText,
  { logits, embedding }: { logits: Float32Array; embedding: Float32Array | undefined },
  { info, encoder, modelVersion, detector = null }: ClassifierParts,
): DetailedPrediction {
  const { classNames, calibration } = info;
  const found = detector?.measure({ ...cleaned, ids, ...(embedding === undefined ? {} : { embedding }) });
  const articleTokens = truncated ? encoder.countTokens(cleaned) : ids.length;
  const length = { tokens: ids.length, articleTokens, truncated };
  return {
    prediction: createPrediction(logits, { classNames, calibration, modelVersion }),
    measures: { ...length, letterScore: found?.letterScore ?? null, distance: found?.distance ?? null },
    warnings: [
      ...(onlyAddress ? [{ code: 'TEXT_ONLY_ADDRESS' as const }] : []),
      ...listLengthWarnings(length, info),
      ...(found?.warnings ?? []),
    ],
  };
}

async function runBatch(
  session: OnnxSession,
  sequences: readonly Int32Array[],
  padId: number,
  classes: number,
): Promise<{ logits: Float32Array; embeddings: Float32Array | undefined }> {
  const inputs = Object.entries(padBatch(sequences, padId)).filter(([name]) =>
    session.inputNames.includes(name),
  );
  const { logits, embedding } = await session.run(Object.fromEntries(inputs));
  const expected = sequences.length * classes;
  if (!(logits?.data instanceof Float32Array) || logits.data.length !== expected) {
    throw appError('MODEL_UNUSABLE', {
      path: 'onnx/model.onnx',
      expected: `an output named logits, float32 [${sequences.length}, ${classes}]`,
      got: logits === undefined ? session.outputNames : `${logits.dtype} ${JSON.stringify(logits.shape)}`,
    });
  }
  const embeddings = embedding?.data instanceof Float32Array ? embedding.data : undefined; // [B, D]
  return { logits: logits.data, embeddings };
}
