// Explains predictions of one model folder, on the calling thread.
import { join } from 'node:path';
import { createInferenceSession } from '../../engine/runtime/session/index.ts';
import type { ArticleExplanation, ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import { findFamily, loadEncoderDefinition } from '../../learning/models/index.ts';
import { cleanArticle } from '../../text/clean/index.ts';
import { loadArticleEncoder } from '../../text/tokenize/index.ts';
import {
  type ArticleIndex,
  buildFeatureVector,
  hasArticleIndex,
  loadArticleIndex,
  type NearestArticle,
} from '../out-of-distribution/index.ts';
import { loadModelInfo } from '../predict/index.ts';
import { explainArticle } from './explain-article.ts';
import { MarginScorer } from './margin-scorer.ts';
import { MarginShares } from './margin-shares.ts';
import { locateTokens } from './token-places.ts';

export interface Explainer {
  explain(article: ArticleText): Promise<ArticleExplanation>;
  /** The k nearest training articles; null where the model version keeps no index. */
  findSimilar(article: ArticleText, k: number): Promise<NearestArticle[] | null>;
  dispose(): Promise<void>;
}

export interface ExplainerOptions {
  /** Intra-op threads; 0 = as many as cores. */
  readonly threads: number;
  /**
   * Multiplications that leaving parts out may cost, and the gradients once more. Default 3e11: a few seconds on two
   * cores.
   */
  readonly maxMultiplications?: number;
}

/** Most times that an article is read without a part. */
const MAX_VARIANTS = 256;
const MAX_MULTIPLICATIONS = 3e11;

/** @throws MODEL_INCOMPLETE, RECORD_INVALID, MODEL_UNUSABLE, ENGINE_FAILED */
export async function loadExplainer(folder: string, options: ExplainerOptions): Promise<Explainer> {
  const info = loadModelInfo(folder);
  const { threads, maxMultiplications = MAX_MULTIPLICATIONS } = options;
  const encoder = await loadArticleEncoder(folder, {
    maxTokens: info.maxTokens,
    truncation: info.truncation,
  });
  const session = await createInferenceSession(join(folder, 'onnx', 'model.onnx'), { threads, inline: true });
  const scorer = new MarginScorer(session, encoder, info);
  const maxTokens = maxMultiplications / countTokenMultiplications(folder, info);
  const weighMargin = (label: number): number[] => scorer.weighMargin(label);
  const shares = new MarginShares({ folder, info, encoder, weighMargin, threads, maxTokens });
  let index: ArticleIndex | null | undefined;
  return {
    explain: (article) =>
      explainArticle(article, locateTokens(article, encoder, info.cleaning), {
        classNames: info.classNames,
        chooseLabel: (ids) => scorer.chooseLabel(ids),
        score: (sequences, label) => scorer.score(sequences, label),
        share: (ids, located, label) => shares.share(ids, located, label),
        maxTokens,
        maxVariants: MAX_VARIANTS,
      }),
    findSimilar: async (article, k) => {
      index ??= hasArticleIndex(folder) ? loadArticleIndex(folder) : null;
      if (index === null) return null;
      const { ids } = encoder.encode(cleanArticle(article, info.cleaning).article);
      const vector = info.traits.unit === 'features' ? buildFeatureVector(ids) : await scorer.embed(ids);
      return vector === undefined ? null : index.findNearest(vector, k);
    },
    dispose: async () => {
      await scorer.dispose();
      await shares.dispose();
    },
  };
}

/** Multiplications for one token: as many as the encoder has parameters outside its word vectors. */
function countTokenMultiplications(
  folder: string,
  { family, parameterCount, classNames }: ModelFolder,
): number {
  if (findFamily(family, folder).form === 'sparse') return classNames.length;
  const { words } = loadEncoderDefinition(folder);
  return Math.max(1, parameterCount - words.shape.reduce((product, length) => product * length, 1));
}
