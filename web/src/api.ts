// Requests to the server and the types of its responses. Addresses are relative to the page; every failure throws a
// RequestFailure.
import type { Explanation, PredictionReceipt, Rollout, WarningFact } from '../../src/client/types.ts';
import type { EvaluationReport } from '../../src/foundation/records/evaluation.ts';
import type { ModelFolder } from '../../src/foundation/records/model-folder.ts';
import type { Prediction } from '../../src/foundation/records/prediction.ts';
import { readKey } from './key.ts';

export type { Explanation, Rollout, WarningFact };

/** The evaluation of the model on one collection. */
export type Figures = Pick<
  EvaluationReport,
  | 'collection'
  | 'outOfSource'
  | 'synthetic'
  | 'n'
  | 'metrics'
  | 'intervals'
  | 'abstention'
  | 'perClass'
  | 'reliability'
>;

/** GET /v1/model */
export interface ModelFacts
  extends Pick<
    ModelFolder,
    'model' | 'runId' | 'createdAt' | 'classNames' | 'parameterCount' | 'calibration'
  > {
  readonly modelVersion: string;
  /** What its texts are called; missing if the server is older. */
  readonly noun?: { readonly one: string; readonly many: string; readonly any: string };
  /** Language of its texts; null: unknown, or several. */
  readonly language?: string | null;
  readonly dataset: { readonly name: string; readonly version: string; readonly synthetic: boolean };
  /** The columns of the training file by their roles; missing if the server or the model is older. */
  readonly columns?: ModelFolder['columns'] | null;
  /** How the training file was read; missing if the server or the model is older. */
  readonly reading?: ModelFolder['reading'] | null;
  readonly inSource: Figures | null;
  readonly outOfSource: readonly Figures[];
  /** Plain sentences. */
  readonly limits: readonly string[];
  /** Versions of this and other models, newest first; missing if the server has no registry. */
  readonly versions?: readonly VersionFacts[];
  readonly rollout?: Rollout;
}

export interface VersionFacts {
  readonly modelVersion: string;
  readonly createdAt: string;
  /** For example production. */
  readonly stages: readonly string[];
  /** Accuracy on the model's own test split; null if not measured. */
  readonly inSource: number | null;
  /** Mean accuracy on collections from other sources; null if not measured. */
  readonly outOfSource: number | null;
}

/** POST /v1/predict */
export interface PredictResponse extends Prediction {
  /** The id of the receipt; null if the server keeps none of this prediction. */
  readonly predictionId: string | null;
  readonly requestId: string;
  readonly latencyMs: number;
  readonly warnings: readonly string[];
  /** The same as codes and numbers; missing if the server is older. */
  readonly warningFacts?: readonly WarningFact[];
}

export interface Article {
  readonly title: string;
  readonly text: string;
}

export interface Example extends Article {
  readonly id: string;
  /** The class that its author intended. */
  readonly label: string;
  readonly source: string;
}

/** The facts from which the page forms the message of a failure. */
export interface FailureFacts {
  /** The server's error code; UNREACHABLE, TIMED_OUT or UNEXPECTED_ANSWER if there is none. */
  readonly code: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly requestId?: string;
  /** Seconds to wait before the next attempt, if the server says so. */
  readonly retryAfterSeconds?: number;
}

export class RequestFailure extends Error {
  readonly facts: FailureFacts;
  constructor(facts: FailureFacts) {
    super(facts.code);
    this.facts = facts;
  }
}

const TIMEOUT_MS = 30_000;
/** The number of similar articles to request. */
const SIMILAR = 5;

/** @throws RequestFailure */
export function loadModelFacts(signal?: AbortSignal): Promise<ModelFacts> {
  return request('v1/model', { signal });
}

/** @throws RequestFailure */
export async function loadExamples(signal?: AbortSignal): Promise<readonly Example[]> {
  const { examples } = await request<{ examples: readonly Example[] }>('v1/examples', { signal });
  return examples;
}

/**
 * Requests the prediction for one article. If the model failed, it also requests the readiness of the server, whose error
 * says more than "internal error".
 * @throws RequestFailure
 */
export async function predictArticle(article: Article, signal?: AbortSignal): Promise<PredictResponse> {
  try {
    const { title, text } = article;
    return await request<PredictResponse>('v1/predict', { ...postJson({ title, text }), signal });
  } catch (error) {
    if (!(error instanceof RequestFailure) || error.facts.code !== 'INTERNAL_BUG') throw error;
    const { requestId } = error.facts; // the log has the id of the failed request, not that of the second one
    const closer = await request('readyz', { signal }).then(
      () => error,
      (unready: unknown) => unready,
    );
    if (!(closer instanceof RequestFailure)) throw closer;
    throw new RequestFailure({ ...closer.facts, ...(requestId === undefined ? {} : { requestId }) });
  }
}

/** A training article that is similar to the predicted one. */
export interface SimilarArticle {
  readonly title: string;
  readonly source: string | null;
  readonly label: string;
  /** 1 means identical for the model. */
  readonly similarity: number;
}

export interface Evidence {
  readonly explanation: Explanation;
  /** null if this model version has no index of its training articles. */
  readonly similar: readonly SimilarArticle[] | null;
}

/**
 * Requests the explanation of a prediction and similar training articles. This takes longer than a prediction.
 * @throws RequestFailure
 */
export async function explainArticle({ title, text }: Article, signal?: AbortSignal): Promise<Evidence> {
  const { explanation, similar } = await request<
    PredictResponse & {
      readonly explanation?: Explanation;
      readonly similar?: readonly SimilarArticle[] | null;
    }
  >('v1/predict', { ...postJson({ title, text, explain: true, similar: SIMILAR }), signal });
  if (explanation === undefined) throw new RequestFailure({ code: 'UNEXPECTED_ANSWER' });
  return { explanation, similar: similar ?? null };
}

/** What a person says about a prediction. */
export interface Feedback {
  readonly id: string;
  readonly agrees: boolean;
  /** Class name. */
  readonly label?: string;
  readonly comment?: string;
}

/** @throws RequestFailure */
export async function sendFeedback(feedback: Feedback): Promise<void> {
  await request('v1/feedback', postJson(feedback));
}

/** @throws RequestFailure */
export function loadReceipt(id: string, signal?: AbortSignal): Promise<PredictionReceipt> {
  return request(`v1/predictions/${encodeURIComponent(id)}`, { signal });
}

/** The options of a request that posts JSON. */
export function postJson(body: unknown): Omit<RequestInit, 'signal'> {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

type RequestOptions = Omit<RequestInit, 'signal'> & { readonly signal?: AbortSignal | undefined };

/** Requests JSON. @throws RequestFailure */
export async function request<T>(path: string, { signal, ...options }: RequestOptions): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    const response = await openRequest(path, { ...options, signal: both });
    const value = parseJson(await response.text());
    if (value !== undefined) return value as T;
  } catch (error) {
    if (signal?.aborted || error instanceof RequestFailure) throw error;
    throw new RequestFailure({ code: timeout.aborted ? 'TIMED_OUT' : 'UNREACHABLE' });
  }
  throw new RequestFailure({ code: 'UNEXPECTED_ANSWER' });
}

/**
 * Sends a request, with the API key if there is one.
 * @returns a response whose status is 2xx
 * @throws RequestFailure for any other response, and if there is none
 */
export async function openRequest(path: string, options: RequestInit): Promise<Response> {
  const key = readKey();
  let response: Response;
  try {
    response = await fetch(path, {
      ...options,
      headers: {
        accept: 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...options.headers,
      },
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestFailure({ code: 'UNREACHABLE' });
  }
  if (response.ok) return response;
  throw new RequestFailure(
    readProblem(parseJson(await response.text()), response.headers.get('retry-after')),
  );
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // for example the page of a proxy
  }
}

/** Reads a problem document of the server; anything without a code is an unexpected response. */
export function readProblem(value: unknown, retryAfter: string | null): FailureFacts {
  if (typeof value !== 'object' || value === null || !('code' in value) || typeof value.code !== 'string')
    return { code: 'UNEXPECTED_ANSWER' };
  const text = (name: string): Record<string, string> => {
    const field: unknown = (value as Record<string, unknown>)[name];
    return typeof field === 'string' && field !== '' ? { [name]: field } : {};
  };
  const seconds = Number(retryAfter ?? Number.NaN);
  return {
    code: value.code,
    ...text('detail'),
    ...text('hint'),
    ...text('requestId'),
    ...(Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {}),
  };
}
