// Requests of the studio. Like those of the page, every failure throws a RequestFailure.
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
  RunLog,
  RunsFound,
  RunsQuery,
  StageChanged,
  StartedResume,
  SweepDetails,
  SweepFacts,
} from '../../../src/client/studio-types.ts';
import { openRequest, postJson, request } from '../api.ts';

type Values = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** `?a=1&b=2,3`; values that are undefined are left out. */
function formatQuery(values: Values): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0))
      query.set(name, Array.isArray(value) ? value.join(',') : String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

const id = encodeURIComponent;

/** @throws RequestFailure */
export function listRuns({ where, config, limit }: RunsQuery, signal?: AbortSignal): Promise<RunsFound> {
  return request(`v1/runs${formatQuery({ where, config, limit })}`, { signal });
}

/** @throws RequestFailure */
export function loadRun(runId: string, signal?: AbortSignal): Promise<RunDetails> {
  return request(`v1/runs/${id(runId)}`, { signal });
}

/** @throws RequestFailure */
export function loadRunLog(runId: string, signal?: AbortSignal): Promise<RunLog> {
  return request(`v1/runs/${id(runId)}/log`, { signal });
}

/** @throws RequestFailure */
export function loadCurves(curves: CurvesRequest, signal?: AbortSignal): Promise<CurvesFound> {
  return request('v1/runs/curves', { ...postJson(curves), signal });
}

/** @throws RequestFailure */
export function compareRuns(
  runs: readonly string[],
  signal?: AbortSignal,
): Promise<ConfigurationDifferences> {
  return request('v1/runs/differences', { ...postJson({ runs }), signal });
}

/** @throws RequestFailure */
export async function stopRun(runId: string): Promise<void> {
  await request(`v1/runs/${id(runId)}/stop`, postJson({}));
}

/** @throws RequestFailure */
export function resumeRun(runId: string): Promise<StartedResume> {
  return request(`v1/runs/${id(runId)}/resume`, postJson({}));
}

/** @throws RequestFailure */
export async function setTags(
  runId: string,
  tags: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<void> {
  await request(`v1/runs/${id(runId)}/tags`, postJson(tags));
}

/** @throws RequestFailure */
export async function setNote(runId: string, note: string | null): Promise<void> {
  await request(`v1/runs/${id(runId)}/note`, postJson({ note }));
}

/** @throws RequestFailure */
export async function listSweeps(signal?: AbortSignal): Promise<readonly SweepFacts[]> {
  const { sweeps } = await request<{ readonly sweeps: readonly SweepFacts[] }>('v1/sweeps', { signal });
  return sweeps;
}

/** @throws RequestFailure */
export function loadSweep(sweepId: string, signal?: AbortSignal): Promise<SweepDetails> {
  return request(`v1/sweeps/${id(sweepId)}`, { signal });
}

/** @throws RequestFailure */
export function loadImportance(
  sweepId: string,
  metric: string | undefined,
  signal?: AbortSignal,
): Promise<ParameterImportance> {
  return request(`v1/sweeps/${id(sweepId)}/importance${formatQuery({ metric })}`, { signal });
}

/** @throws RequestFailure */
export function loadPareto(
  sweepId: string,
  metrics: readonly [string, string] | undefined,
  signal?: AbortSignal,
): Promise<ParetoView> {
  return request(`v1/sweeps/${id(sweepId)}/pareto${formatQuery({ metrics })}`, { signal });
}

/** @throws RequestFailure */
export function loadRegistry(signal?: AbortSignal): Promise<RegistryFound> {
  return request('v1/registry', { signal });
}

/** @throws RequestFailure */
export function loadName(name: string, signal?: AbortSignal): Promise<RegisteredName> {
  return request(`v1/registry/${id(name)}`, { signal });
}

/** @throws RequestFailure */
export function promoteVersion(name: string, promotion: PromotionRequest): Promise<StageChanged> {
  return request(`v1/registry/${id(name)}/promote`, postJson(promotion));
}

/** @throws RequestFailure */
export function rollBack(name: string, reason: string): Promise<StageChanged> {
  return request(`v1/registry/${id(name)}/rollback`, postJson({ reason }));
}

/** @throws RequestFailure */
export function loadLineage(nodeId: string, signal?: AbortSignal): Promise<LineageGraph> {
  return request(`v1/lineage/${id(nodeId)}`, { signal });
}

/** The server sends a sign of life every 15 seconds. */
const SILENCE_MS = 40_000;

export interface Watching {
  readonly cursor: string;
  readonly onOpen: () => void;
  readonly onChanges: (changes: RunChanges) => void;
}

/**
 * Reads the server's events until the connection ends, or says nothing any more.
 * @throws RequestFailure
 */
export async function watchRuns(watching: Watching, signal: AbortSignal): Promise<void> {
  const { cursor, onOpen, onChanges } = watching;
  const response = await openRequest(`v1/runs/events${formatQuery({ since: cursor })}`, {
    signal,
    headers: { accept: 'text/event-stream' },
  });
  onOpen();
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const silence = setTimeout(() => void reader.cancel().catch(() => undefined), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    const [events, after] = readEvents(rest + value);
    rest = after;
    for (const data of events) onChanges(JSON.parse(data) as RunChanges);
  }
}

/** Splits a text of server-sent events: the data of the whole ones, and the rest. */
export function readEvents(text: string): readonly [readonly string[], string] {
  const parts = text.replace(/\r\n?/g, '\n').split('\n\n');
  const rest = parts.pop()!;
  const events = parts
    .map((part) =>
      part
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).replace(/^ /, ''))
        .join('\n'),
    )
    .filter((data) => data !== '');
  return [events, rest];
}
