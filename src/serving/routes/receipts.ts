// Keeps a receipt of every prediction, whose id the response hands out. A prediction without a receipt has no id: the server
// keeps no prediction log, or its disk does not take receipts at the moment. Also what the request's
// log line says of its predictions.
import type { FastifyRequest } from 'fastify';
import type { ArticleText, Measures, ModelFolder, Warning } from '../../foundation/records/index.ts';
import { hashContent } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import type { NewReceipt } from '../../keeping/journal/index.ts';
import type { NamedPrediction } from '../live/index.ts';
import type { AppContext } from './app-context.ts';

/** The request that predictions are made for. */
export interface RequestOrigin {
  /** The route's pattern. */
  readonly route: string;
  readonly requestId: string;
  /** The numbers of its predictions, for its log line. */
  readonly logged: LoggedPredictions;
}

/** What a request's log line says of its predictions: numbers and codes, never a text. */
export interface LoggedPredictions {
  /** How many there were. */
  articles: number;
  /** The first of them. */
  readonly predictions: (Measures & {
    readonly id: string | null;
    readonly modelVersion: string;
    readonly warnings: readonly Warning['code'][];
  })[];
}

/** A file of a million rows is one request: its log line does not grow with it. */
const MAX_LOGGED = 16;
const loggedByRequest = new WeakMap<FastifyRequest, LoggedPredictions>();

export function buildRequestOrigin(request: FastifyRequest): RequestOrigin {
  const logged = loggedByRequest.get(request) ?? { articles: 0, predictions: [] };
  loggedByRequest.set(request, logged);
  return { route: request.routeOptions.url ?? '', requestId: request.id, logged };
}

/** The predictions made for a request so far; undefined where its route makes none. */
export function findLoggedPredictions(request: FastifyRequest): LoggedPredictions | undefined {
  return loggedByRequest.get(request);
}

/**
 * The header for ids in responses whose body has no place for them: divided by commas, with nothing in place of an id that
 * there is not; absent beyond 256 articles, and where no prediction has an id.
 */
export const PREDICTION_ID_HEADER = 'x-prediction-id';
const MAX_HEADER_IDS = 256;

export function formatIdHeader(answers: readonly NamedPrediction[]): Record<string, string> {
  const ids = answers.map(({ predictionId }) => predictionId ?? '');
  if (ids.length > MAX_HEADER_IDS || ids.every((id) => id === '')) return {};
  return { [PREDICTION_ID_HEADER]: ids.join(',') };
}

/** Adds the receipts of one request's predictions to the prediction log, without waiting for the disk. */
export function keepReceipts(
  context: AppContext,
  articles: readonly ArticleText[],
  predictions: readonly DetailedPrediction[],
  origin: RequestOrigin,
): NamedPrediction[] {
  const { journal } = context;
  const answers = predictions.map((detailed, row) => {
    const predictionId =
      journal === null ? null : journal.add(buildReceipt(context, articles[row]!, detailed, origin));
    return { ...detailed, predictionId };
  });
  logPredictions(origin.logged, answers);
  context.live?.onAnswers(articles, answers);
  return answers;
}

function buildReceipt(
  context: AppContext,
  { title, text }: ArticleText,
  { prediction: { modelVersion, ...prediction }, measures, warnings }: DetailedPrediction,
  { route, requestId }: RequestOrigin,
): NewReceipt {
  const { runId, datasetVersion, configurationDigest } = findVersionInfo(context, modelVersion);
  return {
    parents: [modelVersion, runId, datasetVersion],
    requestId,
    route,
    modelVersion,
    runId,
    datasetVersion,
    configurationDigest: configurationDigest ?? null,
    contentSha256: hashContent({ title, text }),
    measures,
    ...prediction,
    warnings: [...warnings],
    article: { title, text },
  };
}

function logPredictions(logged: LoggedPredictions, answers: readonly NamedPrediction[]): void {
  logged.articles += answers.length;
  for (const { predictionId, prediction, measures, warnings } of answers) {
    if (logged.predictions.length === MAX_LOGGED) return;
    const codes = warnings.map(({ code }) => code);
    logged.predictions.push({
      id: predictionId,
      modelVersion: prediction.modelVersion,
      ...measures,
      warnings: codes,
    });
  }
}

/** The record of the version that predicted, which may be a canary or one that another has replaced meanwhile. */
function findVersionInfo({ classifier }: AppContext, modelVersion: string): ModelFolder {
  return classifier.findInfo?.(modelVersion) ?? classifier.info;
}
