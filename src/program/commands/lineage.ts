// veracity lineage: shows what a record comes from, as a tree down to raw files and commits; with --impact what was made of a
// record, a file, a row or a source, and which predictions followed.
import { existsSync, statSync } from 'node:fs';
import { appError, resolveUserPath } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import {
  type Impact,
  type ImpactPrediction,
  type ImpactTarget,
  PredictionTally,
  scanImpactPredictions,
  traceImpact,
  traceLineage,
} from '../../workflows/lineage/index.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';
import { formatImpact } from './lineage-impact.ts';
import { formatLineage } from './lineage-tree.ts';

export const lineageCommand: Command = {
  name: 'lineage',
  summary: 'show what a record comes from, or what was made of a file, a row or a source',
  argumentsUsage: '[id]',
  options: [
    {
      flags: '--impact',
      description: 'the other way: which dataset versions, runs, versions and predictions came of it',
    },
    {
      flags: '--row <id>',
      description: 'with --impact: a row by its id; beside a file, of its versions only',
    },
    { flags: '--title <title>', description: 'with --impact: the title of an article' },
    { flags: '--text <text>', description: 'with --impact: the text of an article' },
    { flags: '--source <name>', description: 'with --impact: all rows of a source' },
  ],
  examples: [
    'veracity lineage sample@1',
    'veracity lineage 0mjv6k2g0abcdefghijklmnop',
    'veracity lineage evaluation.json',
    'veracity lineage --impact data/Fake.csv',
    'veracity lineage --impact data/Fake.csv:1204',
    'veracity lineage --impact --row a-0001',
    'veracity lineage --impact --title "Ferry resumes" --text "The ferry sailed on Tuesday."',
    'veracity lineage --impact --source "Daily Rumour" --json',
  ],
  run: async (input, context) => {
    const target = parseTarget(input, context);
    if (typeof target !== 'string')
      return showImpact(await traceImpact(target, context), input.options.json === true, context);
    const lineage = await traceLineage(target, { readsFiles: true }, context);
    return { json: lineage, text: formatLineage(lineage) };
  },
};

/** The id whose origin is asked for, or what --impact is about. @throws USAGE */
function parseTarget({ args, options }: CommandInput, context: WorkflowContext): string | ImpactTarget {
  const read = (name: string): string | null => (typeof options[name] === 'string' ? options[name] : null);
  const [row, title, text, source] = [read('row'), read('title'), read('text'), read('source')];
  const [id, ...more] = args;
  if (more.length > 0) throw usage(`expected one id, got ${args.length}`);
  const isArticle = title !== null || text !== null;
  if (options.impact !== true) {
    if (row !== null || isArticle || source !== null)
      throw usage('expected --impact beside --row, --title, --text and --source, got none');
    if (id === undefined) throw usage('expected one id, got 0');
    return id;
  }
  const ways = [row !== null, isArticle, source !== null].filter(Boolean).length;
  if (ways > 1) throw usage('expected one of a row, an article and a source, got several');
  if (row !== null) return { kind: 'row', id: row, file: id ?? null };
  if (id !== undefined && ways > 0) throw usage('expected either an id or options that name rows, got both');
  if (isArticle) return { kind: 'article', article: { title: title ?? '', text: text ?? '' } };
  if (source !== null) return { kind: 'source', source };
  if (id === undefined)
    throw usage('expected an id, a file, --row, --title and --text, or --source, got none');
  return findLine(id, context) ?? { kind: 'record', id };
}

/** FILE:LINE, as errors and lists of rows name a row; of a zip archive ARCHIVE/FILE:LINE. */
function findLine(id: string, { workingDirectory }: WorkflowContext): ImpactTarget | null {
  const isFile = (path: string): boolean => {
    const absolute = resolveUserPath(workingDirectory, path);
    return existsSync(absolute) && statSync(absolute).isFile();
  };
  const match = /^(.+):([1-9]\d*)$/.exec(id);
  if (match === null || isFile(id)) return null;
  const [, place = '', line = ''] = match;
  const parts = place.split('/');
  for (let length = parts.length; length > 0; length--) {
    const file = parts.slice(0, length).join('/');
    const member = length === parts.length ? null : parts.slice(length).join('/');
    if (isFile(file)) return { kind: 'line', file, member, line: Number(line) };
  }
  return null;
}

function usage(problem: string): Error {
  return appError('USAGE', {
    where: 'lineage',
    problem,
    hint: 'For example: veracity lineage sample@1. Lists of ids: veracity models list, runs list, data list.',
  });
}

/** With --json the predictions are written as they are read: there may be millions. */
async function showImpact(impact: Impact, isJson: boolean, context: WorkflowContext): Promise<CommandResult> {
  const { filter: _filter, ...json } = impact;
  const tally = new PredictionTally();
  async function* list(): AsyncGenerator<ImpactPrediction> {
    for await (const prediction of scanImpactPredictions(impact, context)) {
      tally.add(prediction);
      yield prediction;
    }
  }
  const jsonList = {
    ...{ name: 'predictions', items: list() },
    finish: () => ({ predictionTotals: tally.totals }),
  };
  if (isJson) return { json, jsonList, text: '' };
  for await (const _prediction of jsonList.items); // only counted
  return { json, text: formatImpact(impact, tally.totals) };
}
