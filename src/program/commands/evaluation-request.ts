// What `evaluate` was asked for: which model, on which articles. run=, model=, dataset= and split= are its own words;
// the rest are configuration overrides, of which only those about data and evaluation make sense here.

import { appError } from '../../foundation/core/index.ts';
import type { EvaluationRequest } from '../../workflows/evaluate/index.ts';
import { splitChoices } from '../../workflows/evaluate/index.ts';
import type { CommandInput } from './command.ts';

const OWN_WORDS = ['run', 'model', 'dataset', 'split'] as const;
const ALLOWED_GROUPS = ['data', 'evaluate', 'seed', 'threads', 'device'];

/** @throws USAGE */
export function parseEvaluationRequest({ args, options }: CommandInput): EvaluationRequest {
  const own = new Map<string, string>();
  const overrides: string[] = [];
  const overridden: string[] = [];
  for (const arg of args) {
    const [key, ...rest] = arg.split('=');
    const value = rest.join('=');
    if (OWN_WORDS.some((word) => word === key)) {
      if (own.has(key!) || value === '') throw usage(`expected one value for ${key}=, got ${arg}`);
      own.set(key!, value);
      continue;
    }
    const path = (key ?? '').replace(/^[+~]+/, '');
    if (!ALLOWED_GROUPS.includes(path.split('.')[0]!))
      throw usage(`expected data, evaluate, seed, threads or device, got ${arg}`);
    overrides.push(arg);
    overridden.push(path);
  }
  const [run, model, dataset, split] = OWN_WORDS.map((word) => own.get(word) ?? null);
  if (run && model) throw usage('expected either run= or model=, got both');
  if (run && !run.startsWith('run-')) throw usage(`expected a run id after run=, got ${run}`);
  if (dataset && overridden.some((path) => path.split('.')[0] === 'data')) {
    throw usage('expected either dataset= or data overrides, got both');
  }
  const choice = splitChoices.find((candidate) => candidate === split) ?? null;
  if (split && choice === null) throw usage(`expected split=${splitChoices.join('|')}, got ${split}`);
  const html = typeof options.html === 'string' ? options.html : null;
  return {
    model: run ?? model ?? null,
    dataset: dataset ?? null,
    split: choice,
    overrides,
    overridden,
    html,
  };
}

function usage(problem: string): Error {
  return appError('USAGE', {
    where: 'evaluate',
    problem,
    hint: 'For example: veracity evaluate model=compact@1 data=isot data.path=FOLDER',
  });
}
