// Shares the margin of a prediction out among the tokens of the article. For a model that is linear in its words the shares
// are exact sums; for an encoder they are integrated gradients, whose graph is compiled when it is first wanted.
import { invariant } from '../../foundation/core/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import { findFamily } from '../../learning/models/index.ts';
import type { ArticleEncoder, HashedNgramEncoder, PieceEncoder } from '../../text/tokenize/index.ts';
import type { ShareMargin } from './explain-article.ts';
import { type LoadedGradients, loadGradientProgram } from './gradient-program.ts';
import { integrateGradients } from './integrated-gradients.ts';
import { shareLinear } from './linear-shares.ts';
import type { LocatedTokens } from './token-places.ts';

const FIRST_STEPS = 8;
const MAX_STEPS = 64;
/** A gradient costs about three forward passes: its own, and twice that for the way back. */
const GRADIENT_COST = 3;

export interface MarginSharesOptions {
  readonly folder: string;
  readonly info: ModelFolder;
  readonly encoder: ArticleEncoder;
  /** [C] The margin of a label is the sum of weight * logit. */
  readonly weighMargin: (label: number) => readonly number[];
  readonly threads: number;
  /** Tokens that a forward pass may read in all. */
  readonly maxTokens: number;
}

export class MarginShares {
  readonly #options: MarginSharesOptions;
  #gradients: Promise<LoadedGradients> | undefined;
  #scores: Float32Array | undefined;

  constructor(options: MarginSharesOptions) {
    this.#options = options;
  }

  share(...[ids, located, label]: Parameters<ShareMargin>): ReturnType<ShareMargin> {
    const weights = this.#options.weighMargin(label);
    return located.words === undefined
      ? this.#shareByGradients(ids, weights)
      : this.#shareExactly(ids, located.words, weights);
  }

  async dispose(): Promise<void> {
    await (await this.#gradients)?.program?.dispose();
  }

  async #shareExactly(
    ids: Int32Array,
    { hashes, head }: NonNullable<LocatedTokens['words']>,
    weights: readonly number[],
  ): ReturnType<ShareMargin> {
    this.#scores ??= this.#loadScores();
    const { wordNgrams } = this.#options.encoder as HashedNgramEncoder;
    const article = { ids, words: hashes.length, head, wordNgrams };
    const { words, frame } = shareLinear(article, this.#scores, weights);
    return {
      shares: words,
      about: {
        method: 'exact',
        baseline: 'nothing',
        weights: 'own',
        margin: words.reduce((sum, value) => sum + value, frame),
        baselineMargin: frame, // an article without words has the start and end marks, too
        steps: 1,
        gap: 0,
      },
    };
  }

  async #shareByGradients(ids: Int32Array, weights: readonly number[]): ReturnType<ShareMargin> {
    const { folder, info, encoder, threads, maxTokens } = this.#options;
    this.#gradients ??= loadGradientProgram(folder, info, { threads });
    const { program, missing } = await this.#gradients;
    if (program === null) {
      const [first, ...others] = missing;
      return { warning: { code: 'GRADIENTS_UNAVAILABLE', missing: first!, others: others.length } };
    }
    const affordable = Math.floor(maxTokens / (GRADIENT_COST * ids.length));
    const maxSteps = Math.max(2, Math.min(MAX_STEPS, affordable));
    const { maskId } = encoder as PieceEncoder;
    const steps = Math.min(FIRST_STEPS, maxSteps);
    const { shares, ...found } = await integrateGradients(program, ids, { weights, maskId, steps, maxSteps });
    return {
      shares: shares.subarray(1, ids.length - 1), // without the tokens that frame the article
      about: { method: 'integrated', baseline: 'mask', weights: program.weights, ...found },
    };
  }

  #loadScores(): Float32Array {
    const { folder, info } = this.#options;
    const family = findFamily(info.family, folder);
    invariant(family.form === 'sparse', 'only a model that counts word groups has scores');
    return family.loadScores(folder);
  }
}
