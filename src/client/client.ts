// A typed client for the HTTP API. It needs only fetch, so it runs in browsers and in Node. It has one method for each
// operation of /openapi.json, named by its operationId; a test compares both.
import type { CallOptions } from './call-options.ts';
import { readResponseLines } from './line-stream.ts';
import { readRequestError } from './request-error.ts';
import { createStudioMethods, type RequestSender } from './studio-client.ts';
import type {
  Article,
  BatchLine,
  Examples,
  FeedbackReceived,
  FeedbackRequest,
  InferenceModel,
  InferenceServer,
  InferRequest,
  InferResponse,
  LoadedModel,
  ModelFacts,
  PredictionReceipt,
  PredictManyResponse,
  PredictRequest,
  PredictResponse,
  Readiness,
  TextClassification,
  TextClassificationRequest,
} from './types.ts';

export interface ClientOptions {
  /** Address of the server; default: the server of the current page. */
  readonly url?: string;
  /** API key, if the server requires one. */
  readonly key?: string;
  /** Default: the global fetch. */
  readonly fetch?: typeof fetch;
}

export interface FileOptions extends CallOptions {
  /** Format of the file; default: the one that its media type names. */
  readonly format?: 'csv' | 'jsonl';
  /** comma, semicolon, tab, pipe or one character between two fields of CSV; absent: found from the header. */
  readonly separator?: string;
  /** false: a quote in CSV is an ordinary character; absent: found from the file. */
  readonly quotes?: boolean;
  /** The columns of the file; default: those of the model's training file, else title, text and id. */
  readonly columns?: FileColumns;
}

/** Names of columns; null: the file has no such column. */
export interface FileColumns {
  readonly title?: string | null;
  readonly text?: string | null;
  readonly id?: string | null;
}

export type VeracityClient = ReturnType<typeof createClient>;

/**
 * Creates a client; outside of browsers it needs a url (TypeError). Every method throws VeracityRequestError when the server refuses the request.
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:8000' });
 * const prediction = await client.predict({ title: 'Ferry resumes', text: 'It sailed on Tuesday.' });
 * console.log(prediction.label, prediction.probability);
 */
export function createClient(options: ClientOptions = {}) {
  const base = (options.url ?? '').replace(/\/+$/, '');
  const send = options.fetch ?? fetch;
  if (base === '' && options.fetch === undefined && !('location' in globalThis))
    throw new TypeError('createClient: expected a url outside of browsers, such as http://127.0.0.1:8000');

  const request = async (path: string, init: RequestInit, { signal }: CallOptions): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (options.key !== undefined) headers.set('authorization', `Bearer ${options.key}`);
    const response = await send(`${base}${path}`, { ...init, headers, signal: signal ?? null });
    if (!response.ok) throw await readRequestError(response);
    return response;
  };
  const get = async <T>(path: string, call: CallOptions): Promise<T> =>
    (await (await request(path, {}, call)).json()) as T;
  const post = async <T>(path: string, body: unknown, call: CallOptions): Promise<T> => {
    const headers = { 'content-type': 'application/json' };
    return (await (
      await request(path, { method: 'POST', headers, body: JSON.stringify(body) }, call)
    ).json()) as T;
  };

  function predict(article: PredictRequest, call?: CallOptions): Promise<PredictResponse>;
  function predict(
    batch: { readonly articles: readonly (Article & { readonly id?: string })[] },
    call?: CallOptions,
  ): Promise<PredictManyResponse>;
  function predict(body: unknown, call: CallOptions = {}): Promise<unknown> {
    return post('/v1/predict', body, call);
  }

  /** Yields the lines of the response as they arrive. To show progress in a browser, send a file in several requests. */
  async function* predictFile(
    file: Blob | Uint8Array | string,
    options: FileOptions = {},
  ): AsyncGenerator<BatchLine> {
    const { format, signal } = options;
    const call = signal === undefined ? {} : { signal };
    const type = format === 'jsonl' ? 'application/x-ndjson' : 'text/csv';
    const named = file instanceof Blob && file.type !== '' && format === undefined ? file.type : type;
    const body = file instanceof Uint8Array ? new Blob([new Uint8Array(file)]) : file;
    const init = { method: 'POST', headers: { 'content-type': named }, body };
    const response = await request(`/v1/batch${formatQuery(options)}`, init, call);
    for await (const line of readResponseLines(response)) yield JSON.parse(line) as BatchLine;
  }

  return {
    predict,
    predictFile,
    getPrediction: (id: string, call: CallOptions = {}) =>
      get<PredictionReceipt>(`/v1/predictions/${encodeURIComponent(id)}`, call),
    sendFeedback: (body: FeedbackRequest, call: CallOptions = {}) =>
      post<FeedbackReceived>('/v1/feedback', body, call),
    getModel: (call: CallOptions = {}) => get<ModelFacts>('/v1/model', call),
    listExamples: (call: CallOptions = {}) => get<Examples>('/v1/examples', call),
    predictNews: (article: { readonly title: string; readonly text: string }, call: CallOptions = {}) =>
      post<string>('/news/', article, call),
    getLoadedModel: (call: CallOptions = {}) => get<LoadedModel>('/model/', call),
    classifyText: (body: TextClassificationRequest, call: CallOptions = {}) =>
      post<TextClassification>('/', body, call),
    ...createInferenceMethods({ get, post }),
    getHealth: (call: CallOptions = {}) => get<{ status: 'ok' }>('/healthz', call),
    getReadiness: (call: CallOptions = {}) => get<Readiness>('/readyz', call),
    /** Metrics in the text format of Prometheus. */
    getMetrics: async (call: CallOptions = {}) => (await request('/metrics', {}, call)).text(),
    ...createStudioMethods({ request, get, post }),
  };
}

/** The methods of the Open Inference Protocol. */
function createInferenceMethods({ get, post }: Pick<RequestSender, 'get' | 'post'>) {
  return {
    getInferenceServer: (call: CallOptions = {}) => get<InferenceServer>('/v2', call),
    getInferenceLiveness: (call: CallOptions = {}) => get<{ live: boolean }>('/v2/health/live', call),
    getInferenceReadiness: (call: CallOptions = {}) => get<{ ready: boolean }>('/v2/health/ready', call),
    getInferenceModel: (name: string, call: CallOptions = {}) => get<InferenceModel>(pathOf(name), call),
    getInferenceModelReadiness: (name: string, call: CallOptions = {}) =>
      get<{ name: string; ready: boolean }>(`${pathOf(name)}/ready`, call),
    infer: (name: string, body: InferRequest, call: CallOptions = {}) =>
      post<InferResponse>(`${pathOf(name)}/infer`, body, call),
    getInferenceModelVersion: (name: string, version: string, call: CallOptions = {}) =>
      get<InferenceModel>(pathOf(name, version), call),
    getInferenceModelVersionReadiness: (name: string, version: string, call: CallOptions = {}) =>
      get<{ name: string; ready: boolean }>(`${pathOf(name, version)}/ready`, call),
    inferVersion: (name: string, version: string, body: InferRequest, call: CallOptions = {}) =>
      post<InferResponse>(`${pathOf(name, version)}/infer`, body, call),
  };
}

function formatQuery({ columns, separator, quotes }: FileOptions): string {
  const query = new URLSearchParams({
    ...(columns === undefined ? {} : { columns: formatColumns(columns) }),
    ...(separator === undefined ? {} : { separator }),
    ...(quotes === undefined ? {} : { quotes: String(quotes) }),
  });
  return query.size === 0 ? '' : `?${query}`;
}

/** Every name stands in quotes, so that it may hold commas and quotes. */
function formatColumns(columns: FileColumns): string {
  return Object.entries(columns)
    .filter(([, name]) => name !== undefined)
    .map(([role, name]) => `${role}=${name === null ? '' : `"${name.replaceAll('"', '""')}"`}`)
    .join(',');
}

function pathOf(name: string, version?: string): string {
  const model = `/v2/models/${encodeURIComponent(name)}`;
  return version === undefined ? model : `${model}/versions/${encodeURIComponent(version)}`;
}
