// Calls to an MLflow server over REST, with what it answers checked and its refusals explained. The variables of MLflow's
// own client are used: MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_TOKEN.
import { openAsBlob } from 'node:fs';
import { appError, errorCodeOf, hideLogin } from '../../foundation/core/index.ts';

const ANSWER_WITHIN_MS = 60_000;
const UPLOAD_WITHIN_MS = 1_800_000;
/** Statuses after which the same call may succeed. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface MlflowSettings {
  /** Of the server, without the path of its API. */
  readonly url: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** The parts of MLflow's answers that are used. */
export interface MlflowRun {
  readonly info: {
    readonly run_id: string;
    readonly artifact_uri: string;
    readonly lifecycle_stage?: string;
  };
  readonly data?: { readonly tags?: readonly { readonly key: string; readonly value: string }[] };
  readonly outputs?: { readonly model_outputs?: readonly { readonly model_id: string }[] };
}
export interface MlflowAnswer {
  readonly experiment?: { readonly experiment_id: string };
  readonly experiment_id?: string;
  readonly run?: MlflowRun;
  readonly runs?: readonly MlflowRun[];
  readonly model?: MlflowModel;
  readonly models?: readonly MlflowModel[];
  readonly model_version?: { readonly version: string };
  readonly model_versions?: readonly { readonly version: string }[];
}
export interface MlflowModel {
  readonly info: { readonly model_id: string; readonly artifact_uri: string; readonly status?: string };
}

export interface MlflowClient {
  get(path: string, query: Readonly<Record<string, string>>): Promise<MlflowAnswer>;
  post(path: string, body: unknown): Promise<MlflowAnswer>;
  patch(path: string, body: unknown): Promise<MlflowAnswer>;
  /** As `get` and `post`, but null where the server answers with this error code of MLflow. */
  getUnless(
    code: string,
    path: string,
    query: Readonly<Record<string, string>>,
  ): Promise<MlflowAnswer | null>;
  postUnless(code: string, path: string, body: unknown): Promise<MlflowAnswer | null>;
  /** Puts a file, or text, below an `mlflow-artifacts:` address. */
  upload(
    uri: string,
    path: string,
    content: { readonly file: string } | { readonly text: string },
  ): Promise<void>;
}

/** @throws TRACKER_UNREACHABLE, TRACKER_REFUSED, TRACKER_HOST_REFUSED, in every call */
export function createMlflowClient(settings: MlflowSettings): MlflowClient {
  const base = settings.url.replace(/\/+$/, '');
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    exceptCode?: string,
  ): Promise<MlflowAnswer | null> => {
    const response = await request(settings, `${base}/api/2.0/mlflow/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await readText(settings, response);
    const json = parseJson(text);
    if (response.ok && json !== null) return json as MlflowAnswer;
    if (exceptCode !== undefined && Reflect.get(json ?? {}, 'error_code') === exceptCode) return null;
    throw toError(settings, path, response.status, text);
  };
  const answered = async (answer: Promise<MlflowAnswer | null>): Promise<MlflowAnswer> =>
    (await answer) ?? {};
  const withQuery = (path: string, query: Readonly<Record<string, string>>): string =>
    `${path}?${new URLSearchParams(query).toString()}`;
  return {
    get: (path, query) => answered(call('GET', withQuery(path, query))),
    post: (path, body) => answered(call('POST', path, body)),
    patch: (path, body) => answered(call('PATCH', path, body)),
    getUnless: (code, path, query) => call('GET', withQuery(path, query), undefined, code),
    postUnless: (code, path, body) => call('POST', path, body, code),
    upload: async (uri, path, content) => {
      const below = new URL(uri).pathname.replace(/^\/+/, '');
      const address = `${below}/${path}`.split('/').map(encodeURIComponent).join('/');
      const response = await request(settings, `${base}/api/2.0/mlflow-artifacts/artifacts/${address}`, {
        method: 'PUT',
        body: 'file' in content ? await openAsBlob(content.file) : content.text,
        signal: AbortSignal.timeout(UPLOAD_WITHIN_MS),
      });
      const text = await readText(settings, response);
      if (!response.ok) throw toError(settings, `artifacts/${path}`, response.status, text);
    },
  };
}

async function request(settings: MlflowSettings, address: string, init: RequestInit): Promise<Response> {
  const signals = [init.signal, settings.signal].filter((signal) => signal instanceof AbortSignal);
  const headers = {
    ...authorize(settings.environment),
    ...(init.headers as Record<string, string> | undefined),
  };
  try {
    return await fetch(address, { ...init, headers, signal: AbortSignal.any(signals) });
  } catch (error) {
    throw unreachable(settings, error);
  }
}

async function readText(settings: MlflowSettings, response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachable(settings, error);
  }
}

function authorize(environment: MlflowSettings['environment']): Record<string, string> {
  const {
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
    MLFLOW_TRACKING_TOKEN: token,
  } = environment;
  if (user !== undefined && user !== '')
    return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` };
  return token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
}

function parseJson(text: string): object | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' ? json : null;
  } catch {
    return null;
  }
}

function unreachable(settings: MlflowSettings, error: unknown): Error {
  const url = hideLogin(settings.url);
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = errorCodeOf(cause);
  // Codes of undici itself say less than its messages.
  const isPlain = typeof code === 'string' && code !== '' && !code.startsWith('UND_');
  const got = isPlain ? code : cause instanceof Error ? cause.message : 'no answer';
  return appError('TRACKER_UNREACHABLE', { tracker: 'MLflow', url, got }, { cause: error });
}

function toError(settings: MlflowSettings, call: string, status: number, text: string): Error {
  const { host } = new URL(settings.url);
  const url = hideLogin(settings.url);
  if (status === 403 && text.includes('Invalid Host header'))
    return appError('TRACKER_HOST_REFUSED', { url, host });
  const message: unknown = Reflect.get(parseJson(text) ?? {}, 'message');
  const got = `status ${status}${typeof message === 'string' ? `: ${message}` : ''}`;
  if (PASSING.has(status)) return appError('TRACKER_UNREACHABLE', { tracker: 'MLflow', url, got });
  return appError('TRACKER_REFUSED', { tracker: 'MLflow', url, call: call.split('?')[0], got });
}
