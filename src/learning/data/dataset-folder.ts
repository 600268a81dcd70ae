// Finds the data files of a folder as the `datasets` library of Hugging Face does: by the configurations in the front matter of its
// README.md (the dataset card), else by the names of files and folders: train, validation (valid, val, dev), test (testing, eval).
// Source: Hugging Face, "Structure your repository" and "Dataset cards"; tried against datasets 5.2.
import { existsSync, lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { parse } from 'yaml';
import { appError, formatNames } from '../../foundation/core/index.ts';
import type { SplitName } from '../../foundation/records/index.ts';
import { isDataName } from './unpack.ts';

export interface FolderFile {
  /** Relative to the folder, with slashes. */
  readonly name: string;
  /** The split that the folder gives it; null: none. */
  readonly split: SplitName | null;
}

export interface DatasetFolder {
  readonly files: readonly FolderFile[];
  /** The class names that the card gives a column, by its name. */
  readonly labelNames: ReadonlyMap<string, readonly string[]>;
  /** What is not read, in words, such as "unsupervised (a split)". */
  readonly leftOut: readonly string[];
}

/** Folders that programs add. */
const NO_DATA = new Set(['__MACOSX', '__pycache__', 'node_modules']);
const MAX_DEPTH = 5;
const MAX_FILES = 20_000;

/**
 * @param subset  the name of a configuration of the card; null: the default one
 * @throws DATA_FOLDER_INVALID
 */
export function readDatasetFolder(folder: string, subset: string | null): DatasetFolder {
  const names = listFolderFiles(folder);
  const card = readCard(join(folder, 'README.md'));
  const chosen = chooseSubset(folder, card, subset);
  const labelNames = findLabelNames(card, chosen?.config_name ?? null);
  const given = chosen === null ? guessSplits(names) : listSplits(chosen, names, folder);
  const leftOut = [...given]
    .filter(([split]) => nameSplit(split) === null && split !== '')
    .map(([split]) => split);
  const files = [...given].flatMap(([split, members]) =>
    members.flatMap((name) => {
      const known = nameSplit(split);
      return known === null && split !== '' ? [] : [{ name, split: known }];
    }),
  );
  const { kept, others } = keepOneFormat(folder, files);
  if (kept.length === 0) throw refuse(folder, 'files of CSV, JSON Lines, JSON or Parquet', describe(names));
  assertWholeShards(folder, kept, names);
  const lost = [...leftOut.map((split) => `${split} (a split of another name)`), ...others];
  return { files: kept, labelNames, leftOut: lost };
}

/**
 * The files of a folder of data: relative paths, sorted. Hidden files and folders and those of packages are left out, and links
 * that lead nowhere or to a folder.
 * @throws DATA_FOLDER_INVALID if there are too many
 */
export function listFolderFiles(folder: string): string[] {
  const found: string[] = [];
  const walk = (below: string, depth: number): void => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      if (name.startsWith('.') || NO_DATA.has(name)) continue;
      const path = posix.join(below, name);
      const stats = lstatSync(join(folder, path));
      if (stats.isDirectory() && depth < MAX_DEPTH) walk(path, depth + 1);
      else if (isFile(join(folder, path), stats)) found.push(path);
      if (found.length > MAX_FILES)
        throw refuse(
          folder,
          `a folder of at most ${MAX_FILES} files`,
          'more',
          'Give the folder that holds the data.',
        );
    }
  };
  walk('', 0);
  return found;
}

/** Whether a file, or what a link leads to, is one that can be read. */
function isFile(path: string, stats: Stats): boolean {
  const own = stats.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : stats;
  return own?.isFile() === true;
}

interface Card {
  readonly configs: readonly CardConfig[];
  readonly dataset_info: readonly Readonly<Record<string, unknown>>[];
}

interface CardConfig {
  readonly config_name: string;
  readonly data_files: unknown;
  readonly data_dir: string;
  readonly isDefault: boolean;
}

/** The front matter of a card; null if there is none. @throws DATA_FOLDER_INVALID */
function readCard(path: string): Card | null {
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  const front = /^---\r?\n([\s\S]*?)\r?\n---\s*(?:\r?\n|$)/.exec(text)?.[1];
  if (front === undefined) return null;
  let yaml: unknown;
  try {
    yaml = parse(front);
  } catch (cause) {
    throw appError(
      'DATA_FOLDER_INVALID',
      {
        ...{ path, expected: 'YAML between the lines --- of the dataset card', got: 'text that is not' },
        remedy: 'Correct it, or remove these lines: files are then found by their names.',
      },
      { cause },
    );
  }
  const { configs, dataset_info: info } = asRecord(yaml);
  return {
    configs: asList(configs)
      .map(asRecord)
      .map(({ config_name: name, data_files: files, data_dir: folder, default: isDefault }) => ({
        config_name: typeof name === 'string' ? name : 'default',
        data_files: files,
        data_dir: typeof folder === 'string' ? folder : '',
        isDefault: isDefault === true,
      })),
    dataset_info: asList(info).map(asRecord),
  };
}

function chooseSubset(folder: string, card: Card | null, subset: string | null): CardConfig | null {
  const configs = card?.configs ?? [];
  const names = configs.map(({ config_name: name }) => name);
  if (subset !== null) {
    const chosen = configs.find(({ config_name: name }) => name === subset);
    if (chosen !== undefined) return chosen;
    throw refuse(
      folder,
      `a configuration ${subset} in its card (README.md)`,
      names.length === 0 ? 'none' : formatNames(names),
      'Set data.subset to one of them, or leave it out.',
    );
  }
  const usual =
    configs.find(({ isDefault }) => isDefault) ?? configs.find(({ config_name: name }) => name === 'default');
  if (usual !== undefined || configs.length < 2) return usual ?? configs[0] ?? null;
  throw refuse(
    folder,
    'a configuration (data.subset)',
    `${configs.length}: ${formatNames(names)}`,
    `Set data.subset=${names[0]} or another of them.`,
  );
}

/** The files of each split of a configuration. @throws DATA_FOLDER_INVALID */
function listSplits(config: CardConfig, names: readonly string[], folder: string): Map<string, string[]> {
  const { data_files: given, data_dir: below } = config;
  const inside = names.filter(
    (name) => below === '' || name.startsWith(`${posix.normalize(below).replace(/\/$/, '')}/`),
  );
  if (given === undefined || given === null) return guessSplits(inside);
  const splits = new Map<string, string[]>();
  const add = (split: string, patterns: unknown): void => {
    for (const pattern of asList(patterns)) {
      if (typeof pattern !== 'string') continue;
      const matches = matchFiles(posix.join(below, pattern), names);
      if (matches.length === 0)
        throw refuse(
          folder,
          `files ${pattern} (data_files of its card)`,
          'none',
          'Download the folder as a whole, or correct the card.',
        );
      splits.set(split, [...new Set([...(splits.get(split) ?? []), ...matches])]);
    }
  };
  const parts = asList(given);
  if (parts.every((part) => typeof part === 'string')) add('train', parts);
  else
    for (const part of parts) {
      const { split, path, ...rest } = asRecord(part);
      if (typeof split === 'string') add(split, path);
      else for (const [name, patterns] of Object.entries(rest)) add(name, patterns);
    }
  return splits;
}

/** Splits by the names of files, or of the folders that hold them; "" for files if no name says a split. */
function guessSplits(names: readonly string[]): Map<string, string[]> {
  const data = names.filter(isDataName);
  const splits = new Map<string, string[]>();
  for (const name of data) {
    const parts = name.split('/').reverse(); // the file's own name first
    const split = parts.map(findSplitWord).find((word) => word !== null);
    if (split !== undefined && split !== null) splits.set(split, [...(splits.get(split) ?? []), name]);
  }
  if (splits.size === 0) splits.set('', data);
  return splits;
}

const SPLIT_WORDS: readonly (readonly [SplitName, RegExp])[] = [
  ['train', /(^|[^a-z])(train|training)([^a-z]|$)/i],
  ['validation', /(^|[^a-z])(validation|valid|val|dev)([^a-z]|$)/i],
  ['test', /(^|[^a-z])(test|testing|eval|evaluation)([^a-z]|$)/i],
];

function findSplitWord(name: string): SplitName | null {
  return SPLIT_WORDS.find(([, word]) => word.test(name))?.[0] ?? null;
}

/** The split that a name of a card means; null for others, such as unsupervised. */
function nameSplit(name: string): SplitName | null {
  return findSplitWord(name);
}

const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['Parquet', /\.(parquet|pq)(\.gz)?$/i],
  ['JSON', /\.(jsonl|ndjson|json)(\.gz)?$/i],
  ['CSV', /\.(csv|tsv|tab|psv)(\.gz)?$/i],
];

/** The files of the format that most files have: others may be copies of them. */
function keepOneFormat(
  folder: string,
  files: readonly FolderFile[],
): { readonly kept: readonly FolderFile[]; readonly others: readonly string[] } {
  const families = FAMILIES.map(([name, ending]) => ({
    name,
    files: files.filter((file) => ending.test(file.name)),
  })).filter((family) => family.files.length > 0);
  const [most, next] = families.sort((a, b) => b.files.length - a.files.length);
  if (most === undefined) return { kept: files, others: [] };
  if (next !== undefined && next.files.length === most.files.length)
    throw refuse(
      folder,
      'files of one format',
      `${most.files.length} of ${most.name} and as many of ${next.name}`,
      'One may be a copy of the other. Give the file, or name the files in the card (configs: data_files).',
    );
  const others = files.filter((file) => !most.files.includes(file)).map(({ name }) => name);
  return { kept: most.files, others };
}

/** A part of a split: train-00000-of-00002.parquet, in older sets with a hash after the numbers. */
const SHARD = /^(.*-)(\d+)(-of-(\d+))(?=[-.]|$)(.*)$/;

/** Refuses a split of which a shard is missing. @throws DATA_FOLDER_INVALID */
function assertWholeShards(folder: string, kept: readonly FolderFile[], names: readonly string[]): void {
  const numbersOf = new Map<string, Set<number>>();
  for (const name of names) {
    const [, before = '', number = '', of = ''] = SHARD.exec(name) ?? [];
    numbersOf.set(before + of, (numbersOf.get(before + of) ?? new Set()).add(Number(number)));
  }
  for (const { name } of kept) {
    const [, before = '', number = '', of = '', total = '', rest = ''] = SHARD.exec(name) ?? [];
    const numbers = numbersOf.get(before + of);
    const count = Number(total);
    if (of === '' || numbers === undefined || count > MAX_FILES) continue;
    const first = numbers.has(count) ? 1 : 0; // some tools count from 1
    const missing = Array.from({ length: count }, (_, i) => first + i).filter((one) => !numbers.has(one));
    if (missing.length === 0) continue;
    const ending = /^-[0-9a-f]+\./.test(rest) ? rest.replace(/^-[0-9a-f]+/, '-*') : rest;
    const shards = missing.map((one) => `${before}${String(one).padStart(number.length, '0')}${of}${ending}`);
    const what = shards.length === 1 ? 'shard' : 'shards';
    throw refuse(
      folder,
      `all ${count} shards of ${before.replace(/-$/, '')}`,
      `${count - missing.length}: the ${what} ${formatNames(shards.slice(0, 5))}${shards.length > 5 ? ' …' : ''} ${shards.length === 1 ? 'is' : 'are'} missing`,
      'Download the folder as a whole. To go on without them, give the other shards names without -of-.',
    );
  }
}

/** Class names of the card: `dataset_info: features: - name: label, dtype: class_label: names: {'0': neg, '1': pos}`. */
function findLabelNames(card: Card | null, subset: string | null): Map<string, readonly string[]> {
  const infos = card?.dataset_info ?? [];
  const info =
    infos.find(({ config_name: name }) => name === subset) ?? (infos.length === 1 ? infos[0] : undefined);
  const found = new Map<string, readonly string[]>();
  for (const feature of asList(info?.features).map(asRecord)) {
    const { name, dtype } = feature;
    const names = asRecord(asRecord(dtype).class_label).names;
    const list = Array.isArray(names) ? names : Object.values(asRecord(names));
    if (typeof name === 'string' && list.length > 0) found.set(name, list.map(String));
  }
  return found;
}

/** The names that a pattern of a card matches: `*` within a folder, `**` across folders, `?`, `[..]`, `{a,b}`. */
function matchFiles(pattern: string, names: readonly string[]): string[] {
  const plain = posix.normalize(pattern).replace(/^\.\//, '');
  let source = '';
  let braces = 0;
  for (let at = 0; at < plain.length; at++) {
    const character = plain[at] as string;
    if (plain.startsWith('**/', at)) {
      source += '(?:.*/)?';
      at += 2;
    } else if (plain.startsWith('**', at)) {
      source += '.*';
      at++;
    } else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '{') {
      source += '(?:';
      braces++;
    } else if (character === '}' && braces > 0) {
      source += ')';
      braces--;
    } else if (character === ',' && braces > 0) source += '|';
    else if (character === '[' && plain.indexOf(']', at) > at + 1) {
      const end = plain.indexOf(']', at);
      source += `[${plain
        .slice(at + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`;
      at = end;
    } else source += character.replace(/[.+^$()|\\[\]{}]/g, '\\$&');
  }
  const expression = new RegExp(`^${source}${')'.repeat(braces)}$`);
  return names.filter(
    (name) => expression.test(name) || (name.startsWith(`${plain.replace(/\/$/, '')}/`) && isDataName(name)),
  );
}

function describe(names: readonly string[]): string {
  const endings = [...new Set(names.map((name) => /(\.\w+)$/.exec(basename(name))?.[1] ?? basename(name)))];
  return names.length === 0 ? 'an empty folder' : `only ${formatNames(endings.slice(0, 5))}`;
}

function refuse(folder: string, expected: string, got: string, remedy?: string): Error {
  const arrow = got.includes('.arrow')
    ? 'save_to_disk wrote this folder. In Python: datasets.load_from_disk(FOLDER)["train"].to_parquet("train.parquet").'
    : undefined;
  return appError('DATA_FOLDER_INVALID', { path: folder, expected, got, remedy: remedy ?? arrow });
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function asList(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
