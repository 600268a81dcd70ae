// The methods of the client for the studio: runs, sweeps, the registry and lineage. They need the scope admin.
import type { CallOptions } from './call-options.ts';
import { readServerEvents } from './server-events.ts';
import type {
  ConfigurationDifferences,
  CurvesFound,
  CurvesRequest,
  LineageGraph,
  ParameterImportance,
  ParetoView,
  PromotionRequest,
  RegisteredName,
  RegistryFound,
  RunChanges,
  RunDetails,
  RunFacts,
  RunLog,
  RunsFound,
  RunsQuery,
  StageChanged,
  StartedResume,
  SweepDetails,
  SweepFacts,
} from './studio-types.ts';

/** How the client sends requests. */
export interface RequestSender {
  request(path: string, init: RequestInit, call: CallOptions): Promise<Response>;
  get<T>(path: string, call: CallOptions): Promise<T>;
  post<T>(path: string, body: unknown, call: CallOptions): Promise<T>;
}

export interface WatchOptions extends CallOptions {
  /** Cursor of a list or of an earlier change; absent: from now on. */
  readonly since?: string;
}

export function createStudioMethods({ request, get, post }: RequestSender) {
  /**
   * Yields what changes among the runs, about once a second, until the server ends the stream: then call it again with
   * `since` of the last change. `onAlive` is called with every sign of life of the connection.
   */
  async function* watchRuns(
    options: WatchOptions & { readonly onAlive?: () => void } = {},
  ): AsyncGenerator<RunChanges> {
    const { since, signal, onAlive } = options;
    const call = signal === undefined ? {} : { signal };
    const headers = { accept: 'text/event-stream' };
    const path = `/v1/runs/events${formatQuery({ since })}`;
    const response = await request(path, { headers }, call);
    for await (const data of readServerEvents(response, onAlive)) yield JSON.parse(data) as RunChanges;
  }

  return {
    listRuns: ({ where, config, limit }: RunsQuery = {}, call: CallOptions = {}) =>
      get<RunsFound>(`/v1/runs${formatQuery({ where, config: config?.join(','), limit })}`, call),
    watchRuns,
    listCurves: (body: CurvesRequest, call: CallOptions = {}) =>
      post<CurvesFound>('/v1/runs/curves', body, call),
    compareRuns: (runs: readonly string[], call: CallOptions = {}) =>
      post<ConfigurationDifferences>('/v1/runs/differences', { runs }, call),
    getRun: (id: string, call: CallOptions = {}) => get<RunDetails>(runPath(id), call),
    getRunLog: (id: string, call: CallOptions = {}) => get<RunLog>(`${runPath(id)}/log`, call),
    tagRun: (
      id: string,
      change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
      call: CallOptions = {},
    ) => post<RunFacts>(`${runPath(id)}/tags`, change, call),
    /** @param note  null removes it */
    setRunNote: (id: string, note: string | null, call: CallOptions = {}) =>
      post<RunFacts>(`${runPath(id)}/note`, { note }, call),
    stopRun: (id: string, call: CallOptions = {}) => post<RunFacts>(`${runPath(id)}/stop`, {}, call),
    resumeRun: (id: string, call: CallOptions = {}) => post<StartedResume>(`${runPath(id)}/resume`, {}, call),
    deleteRun: async (id: string, call: CallOptions = {}) =>
      (await (await request(runPath(id), { method: 'DELETE' }, call)).json()) as { readonly id: string },
    listSweeps: (call: CallOptions = {}) =>
      get<{ readonly sweeps: readonly SweepFacts[] }>('/v1/sweeps', call),
    getSweep: (id: string, call: CallOptions = {}) => get<SweepDetails>(sweepPath(id), call),
    /** @param options.metric  default: the metric of the sweep */
    getImportance: (id: string, options: { readonly metric?: string } = {}, call: CallOptions = {}) =>
      get<ParameterImportance>(`${sweepPath(id)}/importance${formatQuery({ ...options })}`, call),
    getPareto: (
      id: string,
      options: { readonly metrics?: readonly [string, string] } = {},
      call: CallOptions = {},
    ) =>
      get<ParetoView>(`${sweepPath(id)}/pareto${formatQuery({ metrics: options.metrics?.join(',') })}`, call),
    listRegistry: (call: CallOptions = {}) => get<RegistryFound>('/v1/registry', call),
    getRegisteredName: (name: string, call: CallOptions = {}) =>
      get<RegisteredName>(`/v1/registry/${encodeURIComponent(name)}`, call),
    promoteVersion: (name: string, body: PromotionRequest, call: CallOptions = {}) =>
      post<StageChanged>(`/v1/registry/${encodeURIComponent(name)}/promote`, body, call),
    rollBack: (name: string, body: { readonly reason: string }, call: CallOptions = {}) =>
      post<StageChanged>(`/v1/registry/${encodeURIComponent(name)}/rollback`, body, call),
    /** @param id  of a raw file (md5:…), dataset version, run or sweep, or NAME@VERSION, NAME@STAGE */
    getLineage: (id: string, call: CallOptions = {}) =>
      get<LineageGraph>(`/v1/lineage/${encodeURIComponent(id)}`, call),
  };
}

function runPath(id: string): string {
  return `/v1/runs/${encodeURIComponent(id)}`;
}

function sweepPath(id: string): string {
  return `/v1/sweeps/${encodeURIComponent(id)}`;
}

function formatQuery(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '') query.set(name, String(value));
  return query.size === 0 ? '' : `?${query}`;
}
