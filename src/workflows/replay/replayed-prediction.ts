// A recorded prediction made again: the same article through the version that predicted it, and what differs.
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText, ReceiptRecord } from '../../foundation/records/index.ts';
import { hashContent } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { withModel } from '../locate-model/index.ts';
import { findDifferences, type ReplayDifference } from './replay-differences.ts';

export interface ReplayRequest {
  /** Id of the prediction. */
  readonly id: string;
  /** The article, for a server that kept no texts; null: take it from the receipt. */
  readonly article: ArticleText | null;
  /** Another model than the one that predicted; null: the same version. */
  readonly model: string | null;
  /** Largest difference of a probability that still counts as the same. */
  readonly tolerance: number;
  /** 0: one per core. */
  readonly threads: number;
}

export interface ReplayedPrediction {
  readonly receipt: ReceiptRecord;
  readonly repeated: DetailedPrediction;
  /** Empty if both predictions are the same. */
  readonly differences: readonly ReplayDifference[];
}

/**
 * Predicts a recorded article again and compares.
 * @throws PREDICTION_NOT_FOUND, REPLAY_TEXT_MISSING, REPLAY_TEXT_DIFFERS, and what locating and loading a model throw
 */
export async function replayPrediction(
  request: ReplayRequest,
  context: WorkflowContext,
): Promise<ReplayedPrediction> {
  const receipt = await context.stores.predictions.find(request.id);
  if (receipt === undefined) throw appError('PREDICTION_NOT_FOUND', { kept: true });
  const { id } = receipt;
  const article = request.article ?? receipt.article;
  if (article === undefined) throw appError('REPLAY_TEXT_MISSING', { id });
  const got = hashContent(article);
  if (got !== receipt.contentSha256)
    throw appError('REPLAY_TEXT_DIFFERS', { id, expected: receipt.contentSha256, got });
  const model = request.model ?? receipt.modelVersion;
  return withModel(model, { threads: request.threads, inline: true }, context, async ({ classifier }) => {
    const [repeated] = await classifier.predictDetailed([article]);
    const differences = findDifferences(receipt, repeated!, request.tolerance);
    const { runId } = classifier.info;
    if (runId !== receipt.runId) differences.unshift({ kind: 'run', before: receipt.runId, after: runId });
    return { receipt, repeated: repeated!, differences };
  });
}
