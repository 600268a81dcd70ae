// Exports a run to an MLflow server, version 3, over REST: experiment, run, metrics, parameters, tags, dataset, artifacts,
// the model, and its registered version. A tag with our run id finds a run again that an earlier export created.
// Limits: mlflow/utils/validation.py of 3.17.
import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { hashSha256 } from '../../foundation/core/index.ts';
import type { Artifact } from '../../foundation/records/index.ts';
import type { ExportChanges, ExportedRun, ExportTarget, Reached, TargetState } from './export-target.ts';
import {
  createMlflowClient,
  type MlflowClient,
  type MlflowRun,
  type MlflowSettings,
} from './mlflow-client.ts';

const MAX_ITEMS = { metrics: 1000, params: 100, tags: 100 } as const;
const MAX_BATCH_BYTES = 900_000; // of 1,000,000, with the rest of the request
const MAX_PARAM_CHARS = 6000;
const MAX_TAG_CHARS = 8000;
const MAX_KEY_CHARS = 250;

const STATUSES: Readonly<Record<ExportedRun['status'], string>> = {
  running: 'RUNNING',
  finished: 'FINISHED',
  failed: 'FAILED',
  interrupted: 'FAILED',
  stopped: 'KILLED',
};
/** Kinds of artifacts whose files are sent; of the others only the digest is: they are large, or hold articles. */
const UPLOADED = new Set<Artifact['kind']>(['report', 'profile', 'file']);

export interface MlflowOptions extends MlflowSettings {
  /** Name of the experiment; it is created where it is missing. */
  readonly experiment: string;
}

export function createMlflowTarget(options: MlflowOptions): ExportTarget {
  const client = createMlflowClient(options);
  const findExperiment = async (): Promise<string | null> => {
    const query = { experiment_name: options.experiment };
    const found = await client.getUnless('RESOURCE_DOES_NOT_EXIST', 'experiments/get-by-name', query);
    return found?.experiment?.experiment_id ?? null;
  };
  return {
    find: async (runId, except) => {
      const experimentId = await findExperiment();
      if (experimentId === null) return null;
      const filter = `tags.\`veracity.run_id\` = '${runId}'`;
      const { runs = [] } = await client.post('runs/search', {
        experiment_ids: [experimentId],
        filter,
        max_results: 10,
      });
      const run = runs.find(({ info }) => info.run_id !== except?.runId);
      if (run === undefined) return null;
      return { state: { experimentId, runId: run.info.run_id, tags: [] }, reached: parseReached(run) };
    },
    continues: ({ runId }) => isActive(client, runId),
    send: async (changes, state, replaced) => {
      const experimentId = String(
        state?.experimentId ?? (await findExperiment()) ?? (await createExperiment()),
      );
      const runId = String(state?.runId ?? (await createRun(client, experimentId, changes, replaced)));
      const { run } = await client.get('runs/get', { run_id: runId });
      const tags = await sendTags(client, runId, changes, state);
      await sendMetrics(client, runId, changes);
      await sendParameters(client, runId, changes.run);
      await sendDataset(client, runId, changes.run);
      if (run !== undefined) {
        await sendArtifacts(client, run, changes);
        await sendModel(client, { experimentId, run }, changes);
      }
      const { status, endedMs } = changes.run;
      const end = endedMs === null ? {} : { end_time: Math.round(endedMs) };
      await client.post('runs/update', { run_id: runId, status: STATUSES[status], ...end });
      if (replaced !== null && replaced.runId !== runId && (await isActive(client, replaced.runId)))
        await client.post('runs/delete', { run_id: replaced.runId });
      return { experimentId, runId, tags, hasNote: changes.run.note !== null };
    },
  };

  async function createExperiment(): Promise<string | null> {
    const body = { name: options.experiment };
    const created = await client.postUnless('RESOURCE_ALREADY_EXISTS', 'experiments/create', body);
    return created?.experiment_id ?? findExperiment(); // another process was faster
  }
}

/** False where the run was deleted at MLflow. */
async function isActive(client: MlflowClient, runId: unknown): Promise<boolean> {
  const found = await client.getUnless('RESOURCE_DOES_NOT_EXIST', 'runs/get', { run_id: String(runId) });
  return found?.run?.info.lifecycle_stage === 'active';
}

async function createRun(
  client: MlflowClient,
  experimentId: string,
  { run, reached }: ExportChanges,
  replaced: TargetState | null,
): Promise<string | undefined> {
  const tags = {
    ...buildReachedTags(run, reached),
    ...(replaced === null ? {} : { 'veracity.replaces': `${replaced.runId}` }),
  };
  const body = {
    experiment_id: experimentId,
    run_name: run.id,
    start_time: Math.round(run.startedMs),
    tags: toItems(tags),
  };
  return (await client.post('runs/create', body)).run?.info.run_id;
}

function buildReachedTags(run: ExportedRun, { attempts, step }: Reached): Record<string, string> {
  return { 'veracity.run_id': run.id, 'veracity.attempts': `${attempts}`, 'veracity.step': `${step}` };
}

function parseReached({ data }: MlflowRun): Reached {
  const numberOf = (key: string): number => Number(data?.tags?.find((tag) => tag.key === key)?.value ?? 0);
  return { attempts: numberOf('veracity.attempts'), step: numberOf('veracity.step') };
}

/** Comes before the metrics: it says how far they may be. @returns the keys of the tags that a later export may remove */
async function sendTags(
  client: MlflowClient,
  runId: string,
  { run, reached }: ExportChanges,
  state: TargetState | null,
): Promise<string[]> {
  const own = Object.fromEntries(run.tags.map((tag) => [`veracity.tag.${tag}`, tag]));
  const changed = Object.entries(run.changed).map(([key, value]) => [
    `veracity.changed.${key}`,
    String(value),
  ]);
  const tags: Record<string, string> = {
    ...buildReachedTags(run, reached),
    'veracity.parents': run.parents.join(', '),
    'veracity.dataset_version': run.datasetVersion,
    ...(run.commit === null ? {} : { 'mlflow.source.git.commit': run.commit }),
    ...(run.modelVersion === null ? {} : { 'veracity.model_version': run.modelVersion }),
    'mlflow.source.name': `veracity ${run.producer}`,
    'mlflow.source.type': 'LOCAL',
    // A note that was written at MLflow stays, unless there is one here or was.
    ...(run.note === null && state?.hasNote !== true ? {} : { 'mlflow.note.content': run.note ?? '' }),
    ...Object.fromEntries(changed),
    ...own,
  };
  await sendBatches(client, runId, 'tags', toItems(tags));
  const keys = Object.keys(own).map(toKey);
  const earlier = Array.isArray(state?.tags) ? state.tags.map(String) : [];
  for (const key of earlier)
    if (!keys.includes(key))
      await client.postUnless('RESOURCE_DOES_NOT_EXIST', 'runs/delete-tag', { run_id: runId, key });
  return keys;
}

/** JSON has no NaN and no infinities; MLflow takes them as strings, and stores 0 for a bare NaN. */
async function sendMetrics(client: MlflowClient, runId: string, { series }: ExportChanges): Promise<void> {
  const metrics = series.flatMap(({ name, points }) =>
    points.map(({ step, timeMs, value }) => ({
      key: toKey(name),
      value: Number.isFinite(value) ? value : String(value),
      timestamp: Math.round(timeMs),
      step,
    })),
  );
  await sendBatches(client, runId, 'metrics', metrics);
}

/** Parameters never change at MLflow: what a resume has changed is sent as tags. */
async function sendParameters(
  client: MlflowClient,
  runId: string,
  { parameters }: ExportedRun,
): Promise<void> {
  await sendBatches(client, runId, 'params', toItems(parameters, MAX_PARAM_CHARS));
}

async function sendDataset(
  client: MlflowClient,
  runId: string,
  { datasetVersion }: ExportedRun,
): Promise<void> {
  const dataset = {
    name: datasetVersion,
    digest: datasetVersion.slice(0, 36),
    source_type: 'veracity',
    source: JSON.stringify({ datasetVersion }),
  };
  const tags = [{ key: 'mlflow.data.context', value: 'training' }];
  await client.post('runs/log-inputs', { run_id: runId, datasets: [{ dataset, tags }] });
}

/** The list of all artifacts with their digests, and the files of the small ones. */
async function sendArtifacts(
  client: MlflowClient,
  { info }: MlflowRun,
  { run, artifacts, newArtifacts }: ExportChanges,
): Promise<void> {
  if (newArtifacts.length === 0 || !isProxied(info.artifact_uri)) return;
  for (const artifact of newArtifacts.filter(({ kind }) => UPLOADED.has(kind)))
    for (const { file, name } of listFiles(run.folder, artifact))
      await client.upload(info.artifact_uri, `${artifact.kind}/${name}`, { file });
  const list = artifacts.map(({ name, kind, digest, sizeBytes }) => ({ name, kind, digest, sizeBytes }));
  await client.upload(info.artifact_uri, 'artifacts.json', { text: `${JSON.stringify(list, null, 2)}\n` });
}

/** The exported model as a logged model, an output of the run; and the version it was registered as. */
async function sendModel(
  client: MlflowClient,
  { experimentId, run }: { readonly experimentId: string; readonly run: MlflowRun },
  { run: facts, artifacts }: ExportChanges,
): Promise<void> {
  const parts = artifacts.filter(({ kind }) => kind === 'model');
  if (parts.length === 0 || facts.status === 'running') return;
  const runId = run.info.run_id;
  const name = facts.modelVersion?.split('@')[0] ?? 'model';
  const filter = `source_run_id = '${runId}'`;
  const found = await client.post('logged-models/search', { experiment_ids: [experimentId], filter });
  const tags = toItems({ 'veracity.digest': digestModel(parts), 'veracity.run_id': facts.id });
  const model =
    found.models?.[0] ??
    (await client.post('logged-models', { experiment_id: experimentId, name, source_run_id: runId, tags }))
      .model;
  if (model === undefined) return;
  const { model_id: modelId, artifact_uri: uri } = model.info;
  if (model.info.status !== 'LOGGED_MODEL_READY') {
    if (isProxied(uri)) {
      for (const part of parts)
        for (const { file, name } of listFiles(facts.folder, part))
          await client.upload(uri, name.replace(/^model\//, ''), { file });
      await client.upload(uri, 'MLmodel', { text: formatModelFile(modelId, runId, facts) });
    }
    await client.patch(`logged-models/${modelId}`, { model_id: modelId, status: 'LOGGED_MODEL_READY' });
  }
  const isOutput = run.outputs?.model_outputs?.some((output) => output.model_id === modelId) === true;
  if (!isOutput)
    await client.post('runs/outputs', { run_id: runId, models: [{ model_id: modelId, step: 0 }] });
  if (facts.modelVersion !== null) await register(client, facts.modelVersion, { runId, modelId });
}

/** The digest of a model that is one artifact; else of the list of its files with theirs. */
function digestModel(parts: readonly Artifact[]): string {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only.digest;
  const list = parts.map(({ name, digest }) => `${digest}  ${name}\n`).sort();
  return `sha256:${hashSha256(list.join(''))}`;
}

/** MLflow counts versions by itself. The alias `veracity-3` names the version that is NAME@3 here. */
async function register(
  client: MlflowClient,
  reference: string,
  { runId, modelId }: { readonly runId: string; readonly modelId: string },
): Promise<void> {
  const [name = '', number = ''] = reference.split('@');
  await client.postUnless('RESOURCE_ALREADY_EXISTS', 'registered-models/create', { name });
  const found = await client.get('model-versions/search', {
    filter: `name = '${name}' AND run_id = '${runId}'`,
  });
  const tags = toItems({ 'veracity.model_version': reference });
  const body = { name, source: `models:/${modelId}`, run_id: runId, model_id: modelId, tags };
  const version =
    found.model_versions?.[0]?.version ??
    (await client.post('model-versions/create', body)).model_version?.version;
  await client.post('registered-models/alias', { name, alias: `veracity-${number}`, version });
}

/** The file by which MLflow knows a folder as a model. */
function formatModelFile(
  modelId: string,
  runId: string,
  { producer, endedMs, startedMs }: ExportedRun,
): string {
  const createdAt = new Date(endedMs ?? startedMs).toISOString().replace('T', ' ').replace('Z', '');
  return [
    `artifact_path: models:/${modelId}`,
    'flavors:',
    '  veracity:',
    `    veracity_version: ${producer}`,
    `model_id: ${modelId}`,
    `run_id: ${runId}`,
    `utc_time_created: '${createdAt}'`,
    '',
  ].join('\n');
}

/** True where the server takes files itself; elsewhere they go to a store that needs a client of its own. */
function isProxied(uri: string): boolean {
  return uri.startsWith('mlflow-artifacts:');
}

/** The local files of an artifact, named relative to it; none for an address, or where they are gone. */
function listFiles(runFolder: string, { path, name }: Artifact): { file: string; name: string }[] {
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return [];
  const root = join(runFolder, path);
  const found = statSync(root, { throwIfNoEntry: false });
  if (found?.isFile() === true) return [{ file: root, name }];
  if (found?.isDirectory() !== true) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: relative(root, file).split(sep).join('/') }));
}

async function sendBatches(
  client: MlflowClient,
  runId: string,
  kind: keyof typeof MAX_ITEMS,
  items: readonly object[],
): Promise<void> {
  let batch: object[] = [];
  let sizeBytes = 0;
  const send = async (): Promise<void> => {
    if (batch.length > 0) await client.post('runs/log-batch', { run_id: runId, [kind]: batch });
    batch = [];
    sizeBytes = 0;
  };
  for (const item of items) {
    const itemBytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (batch.length === MAX_ITEMS[kind] || sizeBytes + itemBytes > MAX_BATCH_BYTES) await send();
    batch.push(item);
    sizeBytes += itemBytes;
  }
  await send();
}

/** Names and values as MLflow takes them; a longer value is cut. Names that become equal are told apart by a number. */
function toItems(
  values: Readonly<Record<string, string | number | boolean>>,
  maxChars = MAX_TAG_CHARS,
): { key: string; value: string }[] {
  const keys = new Set<string>();
  return Object.entries(values).map(([name, value]) => {
    let key = toKey(name);
    for (let n = 2; keys.has(key); n++) key = `${toKey(name)}_${n}`;
    keys.add(key);
    const text = String(value);
    return { key, value: text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…` };
  });
}

/** Letters, digits and `_ - . : / space` are allowed. */
function toKey(name: string): string {
  return name.replace(/[^\p{L}\p{N}_\-.:/ ]/gu, '_').slice(0, MAX_KEY_CHARS);
}
