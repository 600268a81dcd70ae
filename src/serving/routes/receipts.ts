// Every answer gets an id and, where the server keeps a prediction log, a receipt under it.
import type { FastifyRequest } from 'fastify';
import { canonicalJson, hashSha256 } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import { createPredictionId } from '../../keeping/journal/index.ts';
import type { AppContext } from './app-context.ts';

/** A detailed that can be asked about later. */
export interface Answered extends DetailedPrediction {
  readonly predictionId: string;
}

/** What asked. */
export interface RequestOrigin {
  /** The route's pattern. */
  readonly route: string;
  readonly requestId: string;
}

export function buildRequestOrigin(request: FastifyRequest): RequestOrigin {
  return { route: request.routeOptions.url ?? '', requestId: request.id };
}

/** sha256 of an article as it was sent; the same in receipts and when an answer is reproduced. */
export function hashContent({ title, text }: ArticleText): string {
  return hashSha256(canonicalJson({ title, text }));
}

/** The header of answers whose own form has no place for ids; several are divided by commas, more than 256 left out. */
export const PREDICTION_ID_HEADER = 'x-prediction-id';
const MAX_HEADER_IDS = 256;

export function formatIdHeader(answers: readonly Answered[]): Record<string, string> {
  if (answers.length > MAX_HEADER_IDS) return {};
  return { [PREDICTION_ID_HEADER]: answers.map(({ predictionId }) => predictionId).join(',') };
}

/** Takes down the receipts of one request's answers; waits for no disk. */
export function keepReceipts(
  context: AppContext,
  articles: readonly ArticleText[],
  predictions: readonly DetailedPrediction[],
  asking: RequestOrigin,
): Answered[] {
  const { journal, clock } = context;
  const answers = predictions.map((detailed, row) => {
    if (journal === null)
      return { ...detailed, predictionId: createPredictionId(Date.parse(clock.nowIso())) };
    const { modelVersion, ...prediction } = detailed.prediction;
    const { runId, datasetVersion, configurationDigest } = describeVersion(context, modelVersion);
    const { title, text } = articles[row]!;
    const predictionId = journal.add({
      parents: [modelVersion, runId, datasetVersion],
      ...asking,
      modelVersion,
      runId,
      datasetVersion,
      configurationDigest: configurationDigest ?? null,
      contentSha256: hashContent({ title, text }),
      tokens: detailed.tokens,
      truncated: detailed.truncated,
      ...prediction,
      warnings: [...detailed.warnings],
      article: { title, text },
    });
    return { ...detailed, predictionId };
  });
  context.live?.onAnswers(articles, answers);
  return answers;
}

/** Not always the version that answers now: a canary may have, or another may have taken over meanwhile. */
function describeVersion({ classifier }: AppContext, modelVersion: string): ModelFolder {
  return classifier.findInfo?.(modelVersion) ?? classifier.info;
}
