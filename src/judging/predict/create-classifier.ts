// A Classifier from its parts, on the calling thread. Cleaning and encoding happen in slices of a few milliseconds, so
// that other work on the thread gets a turn; the session runs wherever it was made to.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InferenceSession } from '../../engine/runtime/session/index.ts';
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import { cleanArticle } from '../../text/clean/index.ts';
import type { ArticleEncoder, EncodedArticle } from '../../text/tokenize/index.ts';
import type { OutOfDistributionDetector } from '../out-of-distribution/index.ts';
import { padBatch, planInferenceBatches } from './batch-plan.ts';
import { createPrediction } from './calibrated-answer.ts';
import { type DetailedClassifier, listWarnings } from './detailed-prediction.ts';

/** How long cleaning and encoding may hold the event loop before other work gets a turn. */
const SLICE_MS = 8;

export interface ClassifierParts {
  readonly info: ModelFolder;
  readonly encoder: ArticleEncoder;
  /** Inputs input_ids and attention_mask [B, T] int64; output logits [B, C] float32. */
  readonly session: InferenceSession;
  readonly modelVersion: string;
  /** What is known of the training articles; default: nothing. */
  readonly familiarity?: OutOfDistributionDetector | null;
}

interface ReadArticle extends EncodedArticle {
  readonly cleaned: ArticleText;
}

interface ModelAnswers {
  /** [N, C] */
  readonly logits: Float32Array;
  /** [N][D]; empty for a model that gives none. */
  readonly embeddings: readonly Float32Array[];
}

/** Joins the parts; the session is disposed with the classifier. */
export function createClassifier(parts: ClassifierParts): DetailedClassifier {
  const { info, encoder, session, modelVersion, familiarity = null } = parts;
  const classes = info.classNames.length; // C
  // 8-bit models scale activations by the largest of the batch: alone, an article's answer depends on nothing else.
  const [maxTokens, maxArticles] = info.precision === 'int8' ? [0, 1] : [undefined, undefined];

  const encodeAll = async (articles: readonly ArticleText[]): Promise<ReadArticle[]> => {
    const encoded: ReadArticle[] = [];
    let sliceStartMs = performance.now();
    for (const article of articles) {
      const { article: cleaned } = cleanArticle(article, info.cleaning);
      encoded.push({ ...encoder.encode(cleaned), cleaned });
      if (performance.now() - sliceStartMs > SLICE_MS) {
        await nextTurn();
        sliceStartMs = performance.now();
      }
    }
    return encoded;
  };

  const runModel = async (encoded: readonly ReadArticle[]): Promise<ModelAnswers> => {
    const logits = new Float32Array(encoded.length * classes); // [N, C]
    const embeddings: Float32Array[] = [];
    for (const rows of planInferenceBatches(
      encoded.map((article) => article.ids.length),
      maxTokens,
      maxArticles,
    )) {
      const sequences = rows.map((row) => encoded[row]!.ids);
      const answers = await runBatch(session, sequences, encoder.padId, classes); // [B, C]
      const width = (answers.embeddings?.length ?? 0) / rows.length; // D
      rows.forEach((row, position) => {
        logits.set(answers.logits.subarray(position * classes, (position + 1) * classes), row * classes);
        if (answers.embeddings !== undefined)
          embeddings[row] = answers.embeddings.subarray(position * width, (position + 1) * width);
      });
    }
    return { logits, embeddings };
  };

  const predictDetailed: DetailedClassifier['predictDetailed'] = async (articles) => {
    const encoded = await encodeAll(articles);
    const { logits, embeddings } = await runModel(encoded);
    return encoded.map((article, row) => {
      const reading = { tokens: article.ids.length, truncated: article.truncated };
      const prediction = createPrediction(logits.subarray(row * classes, (row + 1) * classes), {
        classNames: info.classNames,
        calibration: info.calibration,
        modelVersion,
      });
      const warnings = listWarnings(reading, info);
      if (familiarity !== null) {
        const { cleaned, ids } = article;
        const embedding = embeddings[row];
        const judged = { ...cleaned, ids, ...(embedding === undefined ? {} : { embedding }) };
        warnings.push(...familiarity.listWarnings(judged));
      }
      return { ...reading, prediction, warnings };
    });
  };

  return {
    info,
    modelVersion,
    predictDetailed,
    computeLogits: async (articles) => (await runModel(await encodeAll(articles))).logits,
    predict: async (articles) => (await predictDetailed(articles)).map((judgement) => judgement.prediction),
    dispose: () => session.dispose(),
  };
}

async function runBatch(
  session: InferenceSession,
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
