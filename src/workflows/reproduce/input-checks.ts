// Verifies what a run is trained from: its dataset version, its configuration, the pretrained model and the teacher.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  contentId,
  hashSha256,
  isAppError,
  resolveUserPath,
} from '../../foundation/core/index.ts';
import {
  type DatasetManifest,
  loadRecord,
  modelFolderRecord,
  type Run,
  splitNames,
} from '../../foundation/records/index.ts';
import { planModel } from '../../learning/models/index.ts';
import { loadTrainConfig, type TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { digestTeacher, locateTeacher, openPretrainedModel } from '../train/index.ts';
import { compareParts, type ReproductionCheck } from './reproduction-check.ts';

/** Verifies that the dataset version is there, is the one of its id, and is whole. */
export async function checkDataset(
  { datasetVersion: before }: Run,
  { stores }: WorkflowContext,
): Promise<ReproductionCheck> {
  const missing = (after: string): ReproductionCheck => ({
    ...{ part: 'dataset', role: 'input', status: 'missing', before, after },
  });
  try {
    if (!(await stores.datasets.has(before))) return missing('not in this home');
    const manifest = await stores.datasets.load(before);
    if (!isGenuine(manifest)) return missing('its manifest was changed: its content has another id');
    for (const split of splitNames) for await (const _ of stores.datasets.readSplit(manifest, split));
    return compareParts('dataset', 'input', before, manifest.id);
  } catch (error) {
    return missing(messageOf(error));
  }
}

/** True if the id is the hash of the content, as it was when the version was made. */
function isGenuine(manifest: DatasetManifest): boolean {
  const { id, createdAt: _, unusable: __, readings: ___, leakCheck: ____, ...located } = manifest;
  // Where the raw files lie is no part of it.
  const files = manifest.files.map(({ name, md5, sizeBytes, edition }) => ({
    name,
    md5,
    sizeBytes,
    edition,
  }));
  const content = { ...located, files };
  const { warnings: _____, ...early } = content; // manifests of version 1 had no warnings
  return [content, { ...early, schemaVersion: 1 }].some((candidate) => contentId('ds', candidate) === id);
}

/**
 * Compares the stored configuration with what it is read as now, and with its digest in the model that came from it.
 * @param stored  as it was written, with what resuming has changed
 * @param config  as it is read now
 */
export async function checkConfiguration(
  run: Run,
  stored: Readonly<Record<string, unknown>>,
  config: TrainConfig,
  { stores }: WorkflowContext,
): Promise<ReproductionCheck> {
  const before = digest(stored);
  const changed = listChanges(stored, config).filter(({ before }) => before !== undefined);
  const base = { part: 'configuration', role: 'input', before } as const;
  if (changed.length > 0)
    return { ...base, status: 'differs', after: `read otherwise: ${formatChanges(changed)}` };
  const { model } = await stores.runs.files(run.id);
  const info = join(model, 'veracity.json');
  if (existsSync(info)) {
    const recorded = loadRecord(modelFolderRecord, info).configurationDigest;
    if (recorded != null && recorded !== hashSha256(canonicalJson(run.config)))
      return { ...base, status: 'differs', after: `its model was trained with ${recorded.slice(0, 12)}` };
  }
  return { ...base, status: 'equal', after: before };
}

/** Composes the recorded command again: shows which defaults and files have changed since. */
export function checkDefaults(
  run: Run,
  stored: Readonly<Record<string, unknown>>,
  context: WorkflowContext,
): ReproductionCheck {
  const { command } = run;
  const base = { part: 'defaults', role: 'information' } as const;
  if (command === undefined) return { ...base, status: 'not recorded', before: null, after: null };
  const before = `veracity ${command.join(' ')}`;
  try {
    const { args, configDirs } = splitCommand(command);
    const { config } = loadTrainConfig(args, { ...context, configDirs, warn: () => {} });
    const changed = listChanges(stored, config).filter(({ before }) => before !== undefined);
    if (changed.length === 0) return { ...base, status: 'equal', before, after: before };
    return { ...base, status: 'differs', before, after: `gives today ${formatChanges(changed)}` };
  } catch (error) {
    return { ...base, status: 'differs', before, after: messageOf(error) };
  }
}

/** `train --config-dir FOLDER … overrides` */
function splitCommand([, ...rest]: readonly string[]): { args: string[]; configDirs: string[] } {
  const configDirs: string[] = [];
  while (rest[0] === '--config-dir') configDirs.push(rest.splice(0, 2)[1] ?? '');
  return { args: rest, configDirs };
}

/** Opens the pretrained model and compares the hash of its weights. @returns null if the run has none */
export async function checkPretrained(
  run: Run,
  config: TrainConfig,
  context: WorkflowContext,
): Promise<ReproductionCheck | null> {
  const { pretrained } = run;
  const plan = planModel(config.model);
  if (pretrained === undefined || plan.start !== 'checkpoint') return null;
  const check = { part: 'pretrained model', role: 'input', before: pretrained.sha256 } as const;
  try {
    const { origin } = await openPretrainedModel(plan.config, pretrained, context);
    return {
      ...check,
      status: origin.sha256 === pretrained.sha256 ? 'equal' : 'missing',
      after: origin.sha256,
    };
  } catch (error) {
    return { ...check, status: 'missing', after: messageOf(error) };
  }
}

/** Finds the teacher and compares the hash of its model. @returns null if the run has none */
export async function checkTeacher(
  run: Run,
  config: TrainConfig,
  context: WorkflowContext,
): Promise<ReproductionCheck | null> {
  if (config.train.distillation === null) return null;
  const before = run.teacher?.sha256 ?? null;
  const check = { part: 'teacher', role: 'input', before } as const;
  try {
    const located = await locateTeacher(config, context);
    const after = located === null ? null : await digestTeacher(located);
    const status = before === null ? 'not recorded' : after === before ? 'equal' : 'missing';
    return { ...check, status, after };
  } catch (error) {
    return { ...check, status: 'missing', after: messageOf(error) };
  }
}

/** The collections of the configuration whose files are still there. */
export function keepPresentCollections(
  config: TrainConfig,
  { workingDirectory }: Pick<WorkflowContext, 'workingDirectory'>,
): { readonly config: TrainConfig; readonly check: ReproductionCheck | null } {
  const { collections } = config.evaluate;
  if (collections.length === 0) return { config, check: null };
  const isThere = (path: string): boolean =>
    path.startsWith('package:') || existsSync(resolveUserPath(workingDirectory, path));
  const present = collections.filter(({ path }) => isThere(path));
  const before = collections.map(({ name }) => name).join(', ');
  const after = present.map(({ name }) => name).join(', ') || 'none';
  return {
    config: { ...config, evaluate: { ...config.evaluate, collections: present } },
    check: compareParts('collections', 'information', before, after),
  };
}

interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The values that differ, by dotted path; undefined stands for a key that is not there, such as one that came later. */
function listChanges(before: unknown, after: unknown, path = ''): Change[] {
  if (isMap(before) && isMap(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      listChanges(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((item, i) => listChanges(item, after[i], `${path}[${i}]`));
  if (before === after) return [];
  const isSame =
    before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after);
  return isSame ? [] : [{ path, before, after }];
}

const MOST_CHANGES = 4;

function formatChanges(changes: readonly Change[]): string {
  const show = (value: unknown): string =>
    value === undefined ? 'unset' : canonicalJson(value).slice(0, 60);
  const shown = changes.slice(0, MOST_CHANGES).map(({ path, before, after }) => {
    return `${path}=${show(after)} (then ${show(before)})`;
  });
  const more = changes.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function digest(value: unknown): string {
  return `sha256 ${hashSha256(canonicalJson(value)).slice(0, 12)}`;
}

/** @throws what is no error of the catalogue */
function messageOf(error: unknown): string {
  if (!isAppError(error)) throw error;
  return error.message;
}
