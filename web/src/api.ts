// The server's answers and how to ask for them. Addresses are relative to the page; every failure is a RequestFailure.
import type { Rollout } from '../../src/client/types.ts';
import type { EvaluationReport } from '../../src/foundation/records/evaluation.ts';
import type { Explanation } from '../../src/foundation/records/explanation.ts';
import type { ModelFolder } from '../../src/foundation/records/model-folder.ts';
import type { Prediction } from '../../src/foundation/records/prediction.ts';
import type { PredictionReceipt } from '../../src/foundation/records/prediction-receipt.ts';
import { readKey } from './key.ts';

export type { Explanation, Rollout };

/** How the model did on one collection. */
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
  readonly dataset: { readonly name: string; readonly version: string; readonly synthetic: boolean };
  readonly inSource: Figures | null;
  readonly outOfSource: readonly Figures[];
  /** Plain sentences. */
  readonly limits: readonly string[];
  /** Of this and other models, newest first, where the server knows a registry. */
  readonly versions?: readonly VersionFacts[];
  readonly rollout?: Rollout;
}

export interface VersionFacts {
  readonly modelVersion: string;
  readonly createdAt: string;
  /** Such as production. */
  readonly stages: readonly string[];
  /** Accuracy on the model's own test articles; null where it was not measured. */
  readonly inSource: number | null;
  /** Mean accuracy on collections from elsewhere. */
  readonly outOfSource: number | null;
}

/** POST /v1/predict */
export interface Verdict extends Prediction {
  /** Under which the server keeps the receipt, where it keeps any. */
  readonly predictionId: string;
  readonly requestId: string;
  readonly latencyMs: number;
  readonly warnings: readonly string[];
}

export interface Article {
  readonly title: string;
  readonly text: string;
}

export interface Example extends Article {
  readonly id: string;
  /** The class it was written as. */
  readonly label: string;
  readonly source: string;
}

/** What the page needs to know of a failure to say it in words. */
export interface FailureFacts {
  /** The server's error code, or UNREACHABLE, TIMED_OUT, UNEXPECTED_ANSWER when there is none. */
  readonly code: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly requestId?: string;
  /** When the server wants to be asked again. */
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
/** How many articles that are like it are asked for. */
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
 * The model's verdict on one article. When the model itself failed, the server is asked whether it takes work at all,
 * which says more than "internal error".
 * @throws RequestFailure
 */
export async function judgeArticle(article: Article, signal?: AbortSignal): Promise<Verdict> {
  try {
    const { title, text } = article;
    return await request<Verdict>('v1/predict', { ...postJson({ title, text }), signal });
  } catch (error) {
    if (!(error instanceof RequestFailure) || error.facts.code !== 'INTERNAL_BUG') throw error;
    const { requestId } = error.facts; // the log names the request that failed, not the one that asks now
    const closer = await request('readyz', { signal }).then(
      () => error,
      (unready: unknown) => unready,
    );
    if (!(closer instanceof RequestFailure)) throw closer;
    throw new RequestFailure({ ...closer.facts, ...(requestId === undefined ? {} : { requestId }) });
  }
}

/** An article that the model learned from. */
export interface SimilarArticle {
  readonly title: string;
  readonly source: string | null;
  readonly label: string;
  /** 1: the same to the model. */
  readonly similarity: number;
}

export interface Evidence {
  readonly explanation: Explanation;
  /** null: this version of the model keeps no index. */
  readonly similar: readonly SimilarArticle[] | null;
}

/**
 * What moved the verdict, and what the model learned from that is like it. Takes longer than a verdict.
 * @throws RequestFailure
 */
export async function explainArticle({ title, text }: Article, signal?: AbortSignal): Promise<Evidence> {
  const { explanation, similar } = await request<
    Verdict & { readonly explanation?: Explanation; readonly similar?: readonly SimilarArticle[] | null }
  >('v1/predict', { ...postJson({ title, text, explain: true, similar: SIMILAR }), signal });
  if (explanation === undefined) throw new RequestFailure({ code: 'UNEXPECTED_ANSWER' });
  return { explanation, similar: similar ?? null };
}

/** What a person has to say about an answer. */
export interface Opinion {
  readonly id: string;
  readonly agrees: boolean;
  /** Class name. */
  readonly label?: string;
  readonly comment?: string;
}

/** @throws RequestFailure */
export async function sendOpinion(opinion: Opinion): Promise<void> {
  await request('v1/feedback', postJson(opinion));
}

/** @throws RequestFailure */
export function loadReceipt(id: string, signal?: AbortSignal): Promise<PredictionReceipt> {
  return request(`v1/predictions/${encodeURIComponent(id)}`, { signal });
}

function postJson(body: unknown): Omit<RequestInit, 'signal'> {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

type RequestOptions = Omit<RequestInit, 'signal'> & { readonly signal?: AbortSignal | undefined };

async function request<T>(path: string, { signal, ...options }: RequestOptions): Promise<T> {
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
 * Sends a request with the key, where there is one.
 * @returns a response that is ok
 * @throws RequestFailure for any other, and where none came
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
    return undefined; // a proxy's page, say
  }
}

/** Our problem documents have a code; whatever else comes is an unexpected answer. */
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
