// Matches the tensors of a checkpoint with the parameters of our graph. The encoder's tensors must be there; a head that is
// missing, or was made for other classes, is initialised from the seed. A classifier of the same classes in another order is
// put in the order of the names. The program lists tensors that it does not use.
import { join } from 'node:path';
import type { TensorData } from '../../../engine/graph/index.ts';
import { appError, formatNames, invariant } from '../../../foundation/core/index.ts';
import { isOfModules, listParameters } from '../encoder-definition.ts';
import { createFirstWeight } from '../first-weights.ts';
import { loadSafetensors } from '../safetensors.ts';
import type { PretrainedCheckpoint } from './pretrained-checkpoint.ts';
import type { StoredTensor } from './weight-files.ts';

/** The stored tensor of each parameter, by the graph's names. */
export interface WeightPlan {
  readonly sources: ReadonlyMap<string, { readonly stored: string; readonly file: string }>;
  /** Created from the seed: the checkpoint has none. */
  readonly created: readonly string[];
  /** Created from the seed: the checkpoint's is of another size, made for other classes. */
  readonly resized: readonly string[];
  /** Created from the seed: the checkpoint's is for classes with other names. */
  readonly renamed: readonly string[];
  /** For each class its row in the stored classifier, -1 if it has none; null: the rows are used as they are stored. */
  readonly classRows: readonly number[] | null;
  /** Stored, not used, and usually there: position ids, pretraining heads. */
  readonly leftovers: readonly string[];
  /** Stored, not used, and not known to us. */
  readonly unexpected: readonly string[];
}

/**
 * Matches stored tensors with the parameters of a classifier of `classNames`.
 * @throws PRETRAINED_INCOMPLETE when a tensor of the encoder is missing or has another shape
 */
export function planWeights(
  {
    folder,
    definition,
    stored,
    classNames: theirs,
  }: Pick<PretrainedCheckpoint, 'folder' | 'definition' | 'stored' | 'classNames'>,
  classNames: readonly string[],
): WeightPlan {
  const { headModules } = definition;
  const byName = new Map<string, StoredTensor & { readonly stored: string }>();
  const unused = new Set(stored.keys());
  for (const [name, tensor] of stored) {
    const modern = definition.modernizeName(name);
    // If a file holds a tensor under both spellings, the current one is used.
    if (name === modern || !byName.has(modern)) byName.set(modern, { ...tensor, stored: name });
  }
  const sources = new Map<string, { stored: string; file: string }>();
  const created: string[] = [];
  const resized: string[] = [];
  const missing: string[] = [];
  const parameters = listParameters(definition, classNames);
  for (const { name, shape: wanted } of parameters) {
    const found = byName.get(name);
    const isHead = isOfModules(name, headModules);
    if (found === undefined) (isHead ? created : missing).push(name);
    else if (found.shape.join() === wanted.join())
      sources.set(name, { stored: found.stored, file: found.file });
    else if (isHead) resized.push(name);
    else throw incomplete(`${folder} (${found.stored})`, `the shape [${wanted}]`, `[${found.shape}]`);
    if (found !== undefined) unused.delete(found.stored);
  }
  if (missing.length > 0) {
    throw incomplete(folder, `the tensors of a ${definition.family} encoder`, `none of ${listSome(missing)}`);
  }
  // A module of which only a part is stored is created as a whole.
  for (const module of headModules) {
    const own = parameters.map(({ name }) => name).filter((name) => isOfModules(name, [module]));
    if (own.every((name) => sources.has(name))) continue;
    for (const name of own) if (sources.delete(name)) resized.push(name);
  }
  const classifier = [...sources.keys()].filter((name) => isOfModules(name, headModules.slice(-1)));
  let classRows = classifier.length === 0 ? null : findClassRows(theirs, classNames);
  const renamed = classRows?.every((row) => row === -1) === true ? classifier : [];
  for (const name of renamed) sources.delete(name);
  if (renamed.length > 0) classRows = null;
  const leftovers = [...unused].filter((name) => definition.isUsualLeftover(definition.modernizeName(name)));
  const unexpected = [...unused].filter((name) => !leftovers.includes(name));
  return { sources, created, resized, renamed, classRows, leftovers, unexpected };
}

/**
 * For each class its row in a classifier whose rows have the names `theirs`; case and surrounding spaces do not matter.
 * @returns null if the rows are in order, or have no names to go by
 */
function findClassRows(theirs: readonly string[] | null, classNames: readonly string[]): number[] | null {
  if (theirs === null) return null;
  const fold = (name: string): string => name.trim().toLowerCase();
  const folded = theirs.map(fold);
  const rows = classNames.map((name) => {
    const exact = theirs.indexOf(name);
    return exact === -1 ? folded.indexOf(fold(name)) : exact;
  });
  return rows.every((row, i) => row === i) ? null : rows;
}

/**
 * Reads the weights of a classifier; what the plan creates follows from the seed.
 * @returns by the graph's names, float32
 * @throws FILE_NOT_FOUND, FILE_CORRUPT; PRETRAINED_INCOMPLETE when a weight is not a finite number
 */
export function loadCheckpointWeights(
  checkpoint: PretrainedCheckpoint,
  classNames: readonly string[],
  seed: number,
): Map<string, TensorData> {
  const { sources, classRows } = planWeights(checkpoint, classNames);
  const files = new Map<string, Map<string, string>>();
  for (const [name, { stored, file }] of sources) {
    const wanted = files.get(file) ?? new Map<string, string>();
    files.set(file, wanted.set(stored, name));
  }
  const weights = new Map<string, TensorData>();
  for (const [file, wanted] of files) {
    const path = join(checkpoint.folder, file);
    for (const [stored, tensor] of loadSafetensors(path, (name) => wanted.has(name)).tensors)
      weights.set(wanted.get(stored)!, toFloat32(tensor, `${path} (${stored})`));
  }
  for (const { name, shape } of listParameters(checkpoint.definition, classNames)) {
    if (!sources.has(name)) weights.set(name, createFirstWeight(name, shape, seed));
    const weight = weights.get(name);
    invariant(weight !== undefined, 'a planned tensor was read', { name });
    if (classRows !== null && isOfModules(name, checkpoint.definition.headModules.slice(-1)))
      weights.set(name, arrangeRows(weight, classRows, createFirstWeight(name, shape, seed)));
  }
  return weights;
}

/** Row `rows[c]` of a [C, …] tensor becomes row c; a class without one takes its row of `first`. */
function arrangeRows(stored: TensorData, rows: readonly number[], first: TensorData): TensorData {
  const from = stored.data as Float32Array;
  const data = Float32Array.from(first.data as Float32Array);
  const width = from.length / rows.length;
  for (const [c, row] of rows.entries())
    if (row !== -1) data.set(from.subarray(row * width, (row + 1) * width), c * width);
  return { ...stored, data };
}

/** Sentences for the user about a classifier of `classNames` that starts from the checkpoint. */
export function formatWeightPlan(
  checkpoint: Pick<PretrainedCheckpoint, 'folder' | 'definition' | 'stored' | 'classNames'>,
  classNames: readonly string[],
): string[] {
  const plan = planWeights(checkpoint, classNames);
  const { sources, created, resized, renamed, classRows, leftovers, unexpected } = plan;
  const lines = [`${sources.size} tensors read`];
  if (created.length > 0)
    lines.push(`initialised from the seed, not in the checkpoint: ${created.join(', ')}`);
  if (resized.length > 0)
    lines.push(`initialised from the seed, of another size in the checkpoint: ${resized.join(', ')}`);
  const { classNames: theirs, definition } = checkpoint;
  const ours = formatNames(classNames);
  if (renamed.length > 0) {
    lines.push(
      `initialised from the seed, the checkpoint's classes are ${formatNames(theirs ?? [])} and not ${ours}: ${renamed.join(', ')}`,
    );
  } else if (classRows !== null) {
    const fresh = classNames.filter((_, c) => classRows[c] === -1);
    const rest = fresh.length === 0 ? '' : `; ${formatNames(fresh)} initialised from the seed`;
    lines.push(`its classifier for ${formatNames(theirs ?? [])} is reordered to ${ours}${rest}`);
  } else if (theirs === null && sources.has(`${definition.headModules.at(-1)}.weight`)) {
    lines.push(`its classifier does not name its classes; its rows are taken as ${ours}, in this order`);
  }
  if (leftovers.length > 0) lines.push(`${leftovers.length} not needed here (such as ${leftovers[0]})`);
  if (unexpected.length > 0) lines.push(`unknown, not used: ${listSome(unexpected)}`);
  return lines;
}

function toFloat32({ dtype, shape, data }: TensorData, where: string): TensorData {
  if (!(data instanceof Float32Array || data instanceof Float64Array))
    throw incomplete(where, 'floating point numbers', dtype);
  const narrow = data instanceof Float32Array ? data : Float32Array.from(data);
  // Checked here, the error names the tensor. The first loss would blame the learning rate.
  for (const value of narrow) {
    if (!Number.isFinite(value)) throw incomplete(where, 'finite numbers', `${value}`);
  }
  return { dtype: 'float32', shape, data: narrow };
}

function listSome(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${names.slice(0, 5).join(', ')}${more}`;
}

function incomplete(path: string, expected: string, got: string): Error {
  return appError('PRETRAINED_INCOMPLETE', { path, expected, got });
}
