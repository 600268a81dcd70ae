// Lists what may stand at the cursor of a command line: commands, options, keys of overrides and their values, names of
// models, runs and datasets. The scripts of completion-scripts.ts call it for each press of Tab.
import { type EntryName, type KeyChoices, listKeyChoices } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { openKeyRing } from '../../workflows/keys/index.ts';
import { listModels } from '../../workflows/models/index.ts';
import { listRuns } from '../../workflows/runs/index.ts';
import { listSweepChoices } from '../../workflows/sweep/index.ts';
import { listSweeps } from '../../workflows/sweep-analysis/index.ts';
import type { Command } from './command.ts';

/** What is read of the table of all commands. */
export interface CompletedCommands {
  readonly table: readonly CompletedCommand[];
  readonly groupSummaries: Readonly<Record<string, string>>;
}
interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly config?: EntryName;
  readonly readsConfigs?: true;
  readonly load: () => Promise<Command>;
}

export interface Candidate {
  readonly text: string;
  /** Shown beside it by shells that can. */
  readonly about?: string;
}

/** `files` and `folders`: the shell completes paths itself, after the part of the word up to its `=`. */
export interface Completion {
  readonly paths: 'files' | 'folders' | null;
  readonly candidates: readonly Candidate[];
}

interface Line {
  readonly entry: CompletedCommand;
  readonly command: Command;
  /** Everything after the command's name and before the word at the cursor. */
  readonly before: readonly string[];
  /** The word at the cursor, up to the cursor. */
  readonly word: string;
  readonly context: WorkflowContext;
}

/** @param words  the words after `veracity` up to the cursor; the last is the one at the cursor, perhaps empty */
export async function completeLine(
  words: readonly string[],
  { table, groupSummaries }: CompletedCommands,
  context: WorkflowContext,
): Promise<Completion> {
  // `help train` means `train --help`.
  const before = words.slice(words[0] === 'help' && words.length > 1 ? 1 : 0, -1);
  const word = words.at(-1) ?? '';
  const typed = before.filter((other) => !other.startsWith('-')).join(' ');
  const entry = table.find(({ name }) => typed === name || typed.startsWith(`${name} `));
  if (entry === undefined) {
    const names = listCommandWords(typed, { table, groupSummaries });
    const options = word.startsWith('-') ? globalOptions : [];
    return matching(word, [...names, ...options]);
  }
  const command = await entry.load();
  const nameWords = entry.name.split(' ').length;
  const rest = before.slice(before.indexOf(entry.name.split(' ')[0]!) + nameWords);
  return completeArgument({ entry, command, before: rest, word, context });
}

/** The first words of commands, or the second words of a group. */
function listCommandWords(typed: string, { table, groupSummaries }: CompletedCommands): Candidate[] {
  const names = new Map<string, string>();
  for (const { name, summary } of table) {
    const [first = '', second] = name.split(' ');
    if (typed === '') names.set(first, second === undefined ? summary : (groupSummaries[first] ?? first));
    else if (typed === first && second !== undefined) names.set(second, summary);
  }
  return [...names].map(([text, about]) => ({ text, about }));
}

const globalOptions: readonly Candidate[] = [
  { text: '--help', about: 'show help' },
  { text: '--json', about: 'one JSON document on standard output' },
  { text: '--verbose', about: 'debug logs, and the stack of an error' },
  { text: '--version', about: 'print the version' },
];

async function completeArgument(line: Line): Promise<Completion> {
  const { word, before } = line;
  const options = listOptions(line);
  const last = before.at(-1) ?? '';
  const opened = options.find(({ flags }) => last.startsWith('-') && flags.includes(last));
  if (opened !== undefined && opened.value !== null) return completeOptionValue(opened, line);
  if (word.startsWith('-')) {
    const texts = options.flatMap(({ flags, about }) =>
      flags.filter((flag) => flag.startsWith('--')).map((text) => ({ text, about })),
    );
    return matching(word, [...texts, ...globalOptions.filter(({ text }) => text !== '--version')]);
  }
  const usage = line.command.argumentsUsage;
  if (line.entry.name === 'evaluate') return completeEvaluation(line);
  if (line.entry.name === 'sweep') return completeSweep(line);
  if (line.entry.config !== undefined) return completeOverride(line);
  const given = before.filter((other, i) => !other.startsWith('-') && !takesValue(before[i - 1], options));
  return given.length > 0 ? nothing : matching(word, await listNames(usage, line));
}

interface Option {
  /** Such as `-m` and `--multirun`. */
  readonly flags: readonly string[];
  /** What stands for its value in help, such as `<file>`; null: none. */
  readonly value: string | null;
  readonly values: readonly string[];
  readonly about: string;
}

function listOptions({ entry, command }: Line): Option[] {
  const own = command.options.map(({ flags, description, values = [] }) => ({
    flags: flags.match(/--?[a-z][\w-]*/g) ?? [],
    value: /[<[](.+)[>\]]$/.exec(flags)?.[1] ?? null,
    values,
    about: description,
  }));
  const search: Option[] = [
    {
      flags: ['--config-dir'],
      value: 'folder',
      values: [],
      about: 'search this folder for configuration files first',
    },
    { flags: ['--no-configs'], value: null, values: [], about: 'leave the folder configs out' },
  ];
  const shown: Option[] = [
    {
      flags: ['--cfg'],
      value: null,
      values: [],
      about: 'print the configuration and where each value was set',
    },
  ];
  const reads = entry.config !== undefined || entry.readsConfigs === true;
  return [...own, ...(entry.config === undefined ? [] : shown), ...(reads ? search : [])];
}

function takesValue(word: string | undefined, options: readonly Option[]): boolean {
  return options.some(({ flags, value }) => value !== null && word !== undefined && flags.includes(word));
}

async function completeOptionValue({ value, values }: Option, line: Line): Promise<Completion> {
  if (value === 'file') return { paths: 'files', candidates: [] };
  if (value === 'folder') return { paths: 'folders', candidates: [] };
  if (value === 'model') return matching(line.word, await listModelNames(line.context));
  if (value === 'sweep') return matching(line.word, await listSweepIds(line.context));
  return matching(
    line.word,
    values.map((text) => ({ text })),
  );
}

/** Names for a usage such as `<run>`, `<model>` or `<shell>`. */
async function listNames(usage: string, line: Line): Promise<Candidate[]> {
  if (/^[<[]run\b/.test(usage)) return listRunIds(line.context);
  if (usage.startsWith('<sweep')) return listSweepIds(line.context);
  if (usage === '<model>' || usage.startsWith('<name')) return listModelNames(line.context);
  if (usage.startsWith('<shell>')) return ['bash', 'zsh', 'fish'].map((text) => ({ text }));
  if (line.entry.name === 'keys revoke')
    return openKeyRing(line.context)
      .list()
      .map(({ id, name }) => ({ text: id, about: name }));
  return [];
}

async function completeEvaluation(line: Line): Promise<Completion> {
  const { word, context } = line;
  const [key, value] = word.split('=');
  const named = async (): Promise<Candidate[]> => {
    if (key === 'run') return listRunIds(context);
    if (key === 'model') return listModelNames(context);
    if (key === 'dataset') return listDatasets(context);
    return ['test', 'all'].map((text) => ({ text }));
  };
  const words = ['run', 'model', 'dataset', 'split'];
  if (value !== undefined && words.includes(key!))
    return matching(
      word,
      (await named()).map((candidate) => ({ ...candidate, text: `${key}=${candidate.text}` })),
    );
  const choices = listKeyChoices('train', overridesOf(line), context);
  const allowed = ['data', 'evaluate', 'seed', 'threads', 'device'];
  const isAllowed = ([name]: readonly [string, unknown]): boolean => allowed.includes(name.split('.')[0]!);
  const kept = {
    groups: new Map([...choices.groups].filter(isAllowed)),
    keys: new Map([...choices.keys].filter(isAllowed)),
  };
  const completion = await completeKey(kept, line);
  return {
    ...completion,
    candidates: [
      ...matching(
        word,
        words.map((text) => ({ text: `${text}=` })),
      ).candidates,
      ...completion.candidates,
    ],
  };
}

/** A sweep file, the name of a sweep, settings of the search, and the overrides of its trainings. */
async function completeSweep(line: Line): Promise<Completion> {
  const { word, before, context } = line;
  const search = listSweepChoices(
    before.filter((other) => /^sweep[.=]/.test(other)),
    context,
  );
  if (/^sweep[.=]/.test(word)) return completeKey(search, line);
  const own = await completeKey(
    listKeyChoices(
      'train',
      overridesOf(line).filter((other) => !/^sweep[.=]/.test(other)),
      context,
    ),
    line,
  );
  const names = line.word.includes('=') ? [] : [{ text: 'sweep=' }, { text: 'sweep.' }];
  return { ...own, candidates: [...matching(word, names).candidates, ...own.candidates] };
}

function completeOverride(line: Line): Promise<Completion> {
  return completeKey(listKeyChoices(line.entry.config!, overridesOf(line), line.context), line);
}

function overridesOf({ before }: Line): string[] {
  return before.filter((word) => /^[+~]*[A-Za-z_]/.test(word) && word.includes('='));
}

async function completeKey({ groups, keys }: KeyChoices, line: Line): Promise<Completion> {
  const { word } = line;
  const [, mark = '', key = '', equal = ''] = /^([+~]*)([^=]*)(=?)/.exec(word) ?? [];
  if (equal !== '') {
    if (/(^|\.)path$/.test(key)) return { paths: 'files', candidates: [] };
    const values =
      (await listNamedValues(key, line)) ??
      [...(groups.get(key) ?? []), ...(keys.get(key) ?? [])].map((text) => ({ text }));
    return matching(
      word,
      values.map((value) => ({ ...value, text: `${mark}${key}=${value.text}` })),
    );
  }
  const end = mark === '~' ? '' : '=';
  const names = [...keys.keys()].filter((path) => path.includes('.') === key.includes('.'));
  const sections = key.includes('.')
    ? []
    : [...new Set([...keys.keys()].filter((path) => path.includes('.')).map((path) => path.split('.')[0]!))];
  return matching(word, [
    ...[...groups.keys()].map((text) => ({ text: `${mark}${text}${end}` })),
    ...names.filter((name) => !groups.has(name)).map((text) => ({ text: `${mark}${text}${end}` })),
    ...sections.map((text) => ({ text: `${mark}${text}.` })),
  ]);
}

/** Values that are names of what this home holds. */
async function listNamedValues(key: string, { context }: Line): Promise<Candidate[] | undefined> {
  if (key === 'resume') return listRunIds(context);
  if (['teacher', 'train.distillation.teacher', 'serve.model', 'serve.shadow'].includes(key))
    return listModelNames(context);
  return undefined;
}

async function listRunIds(context: WorkflowContext): Promise<Candidate[]> {
  return (await listRuns(context)).runs.map(({ id, status, model }) => ({
    text: id,
    about: `${model}, ${status}`,
  }));
}

async function listSweepIds(context: WorkflowContext): Promise<Candidate[]> {
  return (await listSweeps(context)).map(({ sweep, status }) => ({
    text: sweep.id,
    about: `${sweep.definition.name}, ${status}`,
  }));
}

async function listModelNames(context: WorkflowContext): Promise<Candidate[]> {
  const { models } = await listModels(context);
  return models.map(({ reference, stages }) => ({ text: reference, about: [...stages].join(', ') }));
}

async function listDatasets(context: WorkflowContext): Promise<Candidate[]> {
  const ids = (await listRuns(context)).runs.map(({ datasetVersion }) => datasetVersion);
  return [...new Set(ids)].map((text) => ({ text }));
}

const nothing: Completion = { paths: null, candidates: [] };

function matching(word: string, candidates: readonly Candidate[]): Completion {
  return { paths: null, candidates: candidates.filter(({ text }) => text.startsWith(word)) };
}
