// The server's answers and how to ask for them. Addresses are relative to the page; every failure is a RequestFailure.
import type { EvaluationReport } from '../../src/records/evaluation.ts';
import type { ModelFolder } from '../../src/records/model-folder.ts';
import type { Prediction } from '../../src/records/prediction.ts';

/** How the model did on one collection. */
export type Figures = Pick<
  EvaluationReport,
  'collection' | 'outOfSource' | 'synthetic' | 'n' | 'metrics' | 'intervals' | 'abstention'
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
}

/** POST /v1/predict */
export interface Verdict extends Prediction {
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
    return await request<Verdict>('v1/predict', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title: article.title, text: article.text }),
      signal,
    });
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

type RequestOptions = Omit<RequestInit, 'signal'> & { readonly signal?: AbortSignal | undefined };

async function request<T>(path: string, { signal, ...options }: RequestOptions): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  let response: Response;
  let body: string;
  try {
    response = await fetch(path, {
      ...options,
      signal: both,
      headers: { accept: 'application/json', ...options.headers },
    });
    body = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestFailure({ code: timeout.aborted ? 'TIMED_OUT' : 'UNREACHABLE' });
  }
  const value = parseJson(body);
  if (response.ok && value !== undefined) return value as T;
  throw new RequestFailure(readProblem(value, response.headers.get('retry-after')));
}

function parseJson(text: string): unknown {
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
