// The interface of a loaded model: cleaning, tokenizer, session, labels and calibration from one model folder.
import type { Device } from '../../engine/runtime/session/index.ts';
import type { ArticleText, ModelFolder, Prediction } from '../../foundation/records/index.ts';

export interface Classifier {
  readonly info: ModelFolder;
  /** name@version, or the run id of an unregistered model. */
  readonly modelVersion: string;
  /** Raw logits, before calibration. @returns [N, C] in the order of the articles */
  computeLogits(articles: readonly ArticleText[]): Promise<Float32Array>;
  /** @throws ARTICLE_TEXT_MISSING if one of them holds no text, such as a web address alone */
  predict(articles: readonly ArticleText[]): Promise<Prediction[]>;
  dispose(): Promise<void>;
}

export interface LoadClassifierOptions {
  /** Intra-op threads of the session; 0 = as many as cores. */
  readonly threads: number;
  /** Where the model runs; default cpu. `chooseDevice` finds a device that works. */
  readonly device?: Device;
  /** name@version of a registered model; default: the run id in veracity.json. */
  readonly modelVersion?: string;
  /** Runs on the calling thread instead of a thread of its own: for callers that do nothing else meanwhile. */
  readonly inline?: boolean;
  /** Default true; false where other sessions want the same cores. */
  readonly spins?: boolean;
  /** Predicts a short and a long article before it counts as loaded, so that no request pays for first runs. */
  readonly warmsUp?: boolean;
}
