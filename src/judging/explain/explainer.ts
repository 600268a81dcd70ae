// Explains the answers of one model folder, on the calling thread. The inference graph is the one that answers, so that
// what is explained is that answer; the gradient's graph is compiled when it is first wanted.
import { join } from 'node:path';
import { createInferenceSession } from '../../engine/runtime/session/index.ts';
import { invariant } from '../../foundation/core/index.ts';
import type { ArticleExplanation, ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import { findFamily, loadEncoderDefinition } from '../../learning/models/index.ts';
import { cleanArticle } from '../../text/clean/index.ts';
import type { ArticleEncoder, HashedNgramEncoder, PieceEncoder } from '../../text/tokenize/index.ts';
import { loadArticleEncoder } from '../../text/tokenize/index.ts';
import {
  type ArticleIndex,
  buildFeatureVector,
  hasArticleIndex,
  loadArticleIndex,
  type NearestArticle,
} from '../out-of-distribution/index.ts';
import { calibrateLogits, loadModelInfo, padBatch, planInferenceBatches } from '../predict/index.ts';
import { explainArticle, type ScoreSequences, type ShareMargin } from './explain-article.ts';
import { type LoadedGradients, loadGradientProgram } from './gradient-program.ts';
import { integrateGradients } from './integrated-gradients.ts';
import { shareLinear } from './linear-shares.ts';
import { readArticle } from './token-places.ts';

export interface Explainer {
  explain(article: ArticleText): Promise<ArticleExplanation>;
  /** The k training articles nearest to it; null where the model's version keeps no index. */
  findSimilar(article: ArticleText, k: number): Promise<NearestArticle[] | null>;
  dispose(): Promise<void>;
}

export interface ExplainerOptions {
  /** Intra-op threads; 0 = as many as cores. */
  readonly threads: number;
  /** Multiplications that leaving out may cost, and the gradient again; default 3e11: a few seconds of two cores. */
  readonly maxMultiplications?: number;
}

/** Times that an article is read without a part, at most. */
const MAX_VARIANTS = 256;
const MAX_MULTIPLICATIONS = 3e11;
const FIRST_STEPS = 8;
const MAX_STEPS = 64;
/** A gradient costs about twice the pass forward, on top of it. */
const GRADIENT_COST = 3;

/** @throws MODEL_INCOMPLETE, RECORD_INVALID, MODEL_UNUSABLE, ENGINE_FAILED */
export async function loadExplainer(folder: string, options: ExplainerOptions): Promise<Explainer> {
  const info = loadModelInfo(folder);
  const { threads, maxMultiplications = MAX_MULTIPLICATIONS } = options;
  const encoder = await loadArticleEncoder(folder, {
    maxTokens: info.maxTokens,
    truncation: info.truncation,
  });
  const session = await createInferenceSession(join(folder, 'onnx', 'model.onnx'), { threads, inline: true });
  const classes = info.classNames.length; // C
  const { temperature } = info.calibration;
  const costOfToken = measureToken(folder, info);
  // an 8-bit answer depends on what else is in the batch
  const alone: [number?, number?] = info.precision === 'int8' ? [0, 1] : [];

  const computeLogits = async (sequences: readonly Int32Array[]): Promise<Float64Array> => {
    const logits = new Float64Array(sequences.length * classes); // [N, C]
    for (const rows of planInferenceBatches(
      sequences.map(({ length }) => length),
      ...alone,
    )) {
      const inputs = Object.entries(
        padBatch(
          rows.map((row) => sequences[row]!),
          encoder.padId,
        ),
      ).filter(([name]) => session.inputNames.includes(name));
      const answers = (await session.run(Object.fromEntries(inputs))).logits!.data as Float32Array; // [B, C]
      rows.forEach((row, at) => {
        logits.set(answers.subarray(at * classes, (at + 1) * classes), row * classes);
      });
    }
    return logits;
  };
  const score: ScoreSequences = async (sequences, label) => {
    const logits = await computeLogits(sequences);
    const weights = weighMargin(label, classes, temperature);
    const rows = Array.from(sequences, (_, row) => logits.subarray(row * classes, (row + 1) * classes));
    return {
      margins: Float64Array.from(rows, (row) => row.reduce((sum, logit, c) => sum + weights[c]! * logit, 0)),
      probabilities: Float64Array.from(rows, (row) => calibrateLogits(row, temperature)[label]!),
    };
  };

  let gradients: Promise<LoadedGradients> | undefined;
  let scores: Float32Array | undefined;
  const share: ShareMargin = async (ids, reading, label) => {
    const weights = weighMargin(label, classes, temperature);
    if (reading.words !== undefined) {
      scores ??= loadScores(folder, info);
      const { wordNgrams } = encoder as HashedNgramEncoder;
      const { hashes, head } = reading.words;
      const { words, frame } = shareLinear({ ids, words: hashes.length, head, wordNgrams }, scores, weights);
      // the marks of the frame are there without any word, too
      return {
        shares: words,
        about: {
          method: 'exact',
          baseline: 'nothing',
          weights: 'own',
          margin: words.reduce((sum, value) => sum + value, frame),
          baselineMargin: frame,
          steps: 1,
          gap: 0,
        },
      };
    }
    gradients ??= loadGradientProgram(folder, info, { threads });
    const { program, missing } = await gradients;
    if (program === null)
      return {
        warning: { code: 'GRADIENTS_UNAVAILABLE', missing: missing[0]!, others: missing.length - 1 },
      };
    const affordable = Math.floor(maxMultiplications / (GRADIENT_COST * costOfToken * ids.length));
    const maxSteps = Math.max(2, Math.min(MAX_STEPS, affordable));
    const { maskId } = encoder as PieceEncoder;
    const { shares, ...found } = await integrateGradients(program, ids, {
      weights,
      maskId,
      steps: Math.min(FIRST_STEPS, maxSteps),
      maxSteps,
    });
    return {
      shares: shares.subarray(1, ids.length - 1),
      about: { method: 'integrated', baseline: 'mask', weights: program.weights, ...found },
    };
  };

  let index: ArticleIndex | null | undefined;
  const embed = async (article: ArticleText): Promise<Float32Array | undefined> => {
    const { ids } = encoder.encode(cleanArticle(article, info.cleaning).article);
    if (findFamily(info.family, folder).form === 'sparse') return buildFeatureVector(ids);
    const inputs = Object.entries(padBatch([ids], encoder.padId)).filter(([name]) =>
      session.inputNames.includes(name),
    );
    const { embedding } = await session.run(Object.fromEntries(inputs));
    return embedding?.data instanceof Float32Array ? embedding.data : undefined;
  };

  return {
    findSimilar: async (article, k) => {
      index ??= hasArticleIndex(folder) ? loadArticleIndex(folder) : null;
      if (index === null) return null;
      const vector = await embed(article);
      return vector === undefined ? null : index.findNearest(vector, k);
    },
    explain: (article) =>
      explainArticle(article, readArticle(article, encoder as ArticleEncoder, info.cleaning), {
        classNames: info.classNames,
        chooseLabel: async (ids) => {
          const logits = await computeLogits([ids]);
          return logits.indexOf(Math.max(...logits));
        },
        score,
        share,
        maxTokens: maxMultiplications / costOfToken,
        maxVariants: MAX_VARIANTS,
      }),
    dispose: async () => {
      await session.dispose();
      await (await gradients)?.program?.dispose();
    },
  };
}

/** [C] margin = sum of weight * logit: the label's calibrated logit minus the mean of the others'. */
function weighMargin(label: number, classes: number, temperature: number): number[] {
  return Array.from({ length: classes }, (_, c) => (c === label ? 1 : -1 / (classes - 1)) / temperature);
}

/** Multiplications for one token: as many as the encoder has parameters outside its word vectors. */
function measureToken(folder: string, { family, parameterCount, classNames }: ModelFolder): number {
  if (findFamily(family, folder).form === 'sparse') return classNames.length;
  const { words } = loadEncoderDefinition(folder);
  return Math.max(1, parameterCount - words.shape.reduce((product, length) => product * length, 1));
}

function loadScores(folder: string, { family }: ModelFolder): Float32Array {
  const found = findFamily(family, folder);
  invariant(found.form === 'sparse', 'word groups have scores');
  return found.loadScores(folder);
}
