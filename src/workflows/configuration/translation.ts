// Translates the settings of another trainer, above all the predecessor's, into overrides: YAML files and command-line
// arguments. `configs/_predecessor.yaml` says which key is which; a key that it does not have is named, never guessed.
import { z } from 'zod';
import {
  findClosest,
  type LoadOptions,
  listGroupChoices,
  locateConfigs,
  type PlainValue,
  quoteText,
  readSettings,
  type Setting,
} from '../../foundation/config/index.ts';

const MAPPING_FILE = '_predecessor.yaml';
const names = z.record(z.string(), z.array(z.string()));
const mappingSchema = z.object({
  keys: names,
  choices: names,
  switches: names,
  unused: names,
  metrics: names,
  sweep_only: names,
});

export interface Translation {
  /** What is typed here, in order. */
  readonly overrides: readonly { readonly from: string; readonly theirs: string; readonly ours: string }[];
  /** Settings without a counterpart, with the reason. */
  readonly unused: readonly { readonly from: string; readonly theirs: string; readonly why: string }[];
  /** Keys that the mapping does not have. */
  readonly unknown: readonly {
    readonly from: string;
    readonly theirs: string;
    readonly closest: string | null;
  }[];
}

/** A setting from an argument such as `--lr 1e-4`, `--batch-size=32` or `trainer.max_epochs=3`. */
export function readArguments(args: readonly string[]): Setting[] {
  const settings: Setting[] = [];
  for (let i = 0; i < args.length; i++) {
    const [, key = '', value] = /^(?:--?|\+{0,2})([A-Za-z][^=]*)(?:=(.*))?$/s.exec(args[i]!) ?? [];
    if (key === '') continue;
    const next = args[i + 1];
    const takesNext = value === undefined && next !== undefined && !/^--?[A-Za-z]/.test(next);
    const text = value ?? (takesNext ? next : 'true');
    if (takesNext) i++;
    settings.push({ path: key.split('.'), value: parseText(text), from: 'arguments' });
  }
  return settings;
}

/** Translates settings; a later setting of the same key wins. @throws CONFIG_FILE_INVALID for a broken mapping */
export function translateSettings(settings: readonly Setting[], options: LoadOptions = {}): Translation {
  const mapping = readMapping(options);
  const overrides = new Map<string, Translation['overrides'][number]>();
  const unused: Translation['unused'][number][] = [];
  const unknown: Translation['unknown'][number][] = [];
  const known = listForeignNames(mapping);
  for (const { path, value, from } of settings) {
    const theirs = path.join('.');
    const name = spell(path.at(-1) ?? '');
    const isNested = path.slice(0, -1).map(spell);
    const find = createFinder(path);
    const why =
      find(mapping.unused) ??
      Object.entries(mapping.unused).find(([, aliases]) =>
        isNested.some((part) => aliases.includes(part)),
      )?.[0];
    const ours = write(find, mapping, value);
    if (isNested.includes('hydra')) unused.push({ from, theirs, why: 'it is a setting of Hydra itself' });
    else if (ours !== undefined) {
      for (const text of ours) overrides.set(text.split('=')[0]!, { from, theirs, ours: text });
      if (ours.length === 0) unused.push({ from, theirs, why: `it is ${String(value)}, as here by default` });
    } else if (why !== undefined) unused.push({ from, theirs, why });
    else unknown.push({ from, theirs, closest: findClosest(name, known) ?? null });
  }
  return { overrides: [...overrides.values()], unused, unknown };
}

/** What one setting of another trainer is called here, with several values. */
export type ForeignName =
  /** The overrides of each value, in the order of `values`. */
  | { readonly kind: 'known'; readonly overrides: readonly (readonly string[])[] }
  | { readonly kind: 'unused'; readonly why: string }
  | { readonly kind: 'unknown'; readonly closest: string | null };

/** Translates one setting with all values that it may have, as a sweep lists them. */
export function translateName(
  path: readonly string[],
  values: readonly PlainValue[],
  options: LoadOptions = {},
): ForeignName {
  const mapping = readMapping(options);
  const find = createFinder(path);
  const overrides = values.map((value) => write(find, mapping, value));
  if (overrides.every((texts) => texts !== undefined)) return { kind: 'known', overrides };
  const why = find(mapping.unused);
  if (why !== undefined) return { kind: 'unused', why };
  const closest = findClosest(spell(path.at(-1) ?? ''), listForeignNames(mapping));
  return { kind: 'unknown', closest: closest ?? null };
}

/** The name that a metric of another trainer has here; undefined where the mapping does not have it. */
export function translateMetric(theirs: string, options: LoadOptions = {}): string | undefined {
  const { metrics } = readMapping(options);
  const spelled = spell(theirs).replaceAll(/[/. ]/g, '_');
  return Object.entries(metrics).find(
    ([ours, aliases]) => ours === spelled || aliases.includes(spelled),
  )?.[0];
}

/** The names of a sweep file's own settings that have no use here, each with the reason. */
export function listUnusedSweepKeys(options: LoadOptions = {}): Map<string, string> {
  const { sweep_only: unused } = readMapping(options);
  return new Map(Object.entries(unused).flatMap(([why, keys]) => keys.map((key) => [key, why] as const)));
}

type Finder = (part: z.infer<typeof names>) => string | undefined;

/** Finds the entry of a part of the mapping that has the last two names of a path, else its last one. */
function createFinder(path: readonly string[]): Finder {
  const name = spell(path.at(-1) ?? '');
  const pair = path.slice(-2).map(spell).join('.');
  return (part) =>
    (Object.entries(part).find(([, aliases]) => aliases.includes(pair)) ??
      Object.entries(part).find(([, aliases]) => aliases.includes(name)))?.[0];
}

function listForeignNames({ keys, choices, switches, unused }: Mapping): string[] {
  return [keys, choices, switches, unused].flatMap((part) => Object.values(part).flat());
}

type Mapping = z.infer<typeof mappingSchema> & { readonly models: readonly string[] };

/** The overrides for one setting; none if it says what holds anyway; undefined if the mapping has no place for it. */
function write(find: Finder, mapping: Mapping, value: PlainValue): string[] | undefined {
  const switched = find(mapping.switches);
  if (switched !== undefined)
    return value === false || value === null || value === 0 || value === 'false' ? [] : [switched];
  const choice = find(mapping.choices);
  if (choice !== undefined)
    return typeof value === 'string' ? [`${choice}=${value.split('.').at(-1)!.toLowerCase()}`] : undefined;
  const key = find(mapping.keys);
  if (key === undefined || (typeof value === 'object' && value !== null)) return undefined;
  if (key === 'model.path' && typeof value === 'string') return writeModel(value, mapping.models);
  return [`${key}=${formatOverrideValue(value)}`];
}

/** The file of the group `model` whose name stands in the checkpoint's name; the longest, since names contain others. */
function writeModel(name: string, models: readonly string[]): string[] {
  const family = models
    .filter((model) => name.toLowerCase().includes(model))
    .sort((a, b) => b.length - a.length)[0];
  const choice = family === undefined ? [] : [`model=${family}`];
  return [...choice, `model.path=${formatOverrideValue(name)}`];
}

/** A value as it is typed behind `key=`. */
export function formatOverrideValue(value: PlainValue): string {
  if (typeof value !== 'string') return String(value);
  if (parseText(value) !== value) return quoteText(value);
  return /^[\w./~-]+$/.test(value) ? value : quoteText(value);
}

function readMapping(options: LoadOptions): Mapping {
  const folder = locateConfigs({ ...options, configDirs: [], searchesConfigs: false })[0]!;
  const settings = readSettings(`${folder.path}/${MAPPING_FILE}`, `${folder.shownAs}/${MAPPING_FILE}`);
  const parts: Record<string, Record<string, PlainValue>> = {};
  for (const { path, value } of settings) {
    const [part = '', ...rest] = path;
    parts[part] = { ...parts[part], [rest.join('.')]: value };
  }
  return { ...mappingSchema.parse(parts), models: listGroupChoices([folder], 'model') };
}

function spell(key: string): string {
  return key.toLowerCase().replaceAll('-', '_');
}

function parseText(text: string): PlainValue {
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (/^(?:null|none)$/i.test(text)) return null;
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
