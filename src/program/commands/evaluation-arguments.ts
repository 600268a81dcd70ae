// The arguments of `evaluate`. run=, model=, dataset= and split= are its own; the others are configuration overrides, of
// which only those about data and evaluation are allowed.
import { appError } from '../../foundation/core/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { type EvaluationRequest, splitChoices } from '../../workflows/evaluate/index.ts';
import type { CommandInput } from './command.ts';

/** What the command line asks for. */
export interface EvaluationArguments {
  readonly request: EvaluationRequest;
  /** File for the page; null: none is written. */
  readonly html: string | null;
}

const OWN_WORDS = ['run', 'model', 'dataset', 'split'] as const;
const ALLOWED_GROUPS = ['data', 'evaluate', 'seed', 'threads', 'device'];

/** @throws USAGE, and what loading the configuration throws */
export function parseEvaluationArguments(
  { args, options }: CommandInput,
  context: Pick<WorkflowContext, 'workingDirectory' | 'configDirs' | 'searchesConfigs'>,
): EvaluationArguments {
  const own = new Map<string, string>();
  const overrides: string[] = [];
  const changed: string[] = [];
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
    changed.push(path);
  }
  const [run, model, dataset, split] = OWN_WORDS.map((word) => own.get(word) ?? null);
  if (run && model) throw usage('expected either run= or model=, got both');
  if (run && !run.startsWith('run-')) throw usage(`expected a run id after run=, got ${run}`);
  if (dataset && changed.some((path) => path.split('.')[0] === 'data')) {
    throw usage('expected either dataset= or data overrides, got both');
  }
  const choice = splitChoices.find((candidate) => candidate === split) ?? null;
  if (split && choice === null) throw usage(`expected split=${splitChoices.join('|')}, got ${split}`);
  const html = typeof options.html === 'string' ? options.html : null;
  const { config } = loadTrainConfig(overrides, context);
  return {
    request: { model: run ?? model ?? null, dataset: dataset ?? null, split: choice, config, changed },
    html,
  };
}

function usage(problem: string): Error {
  return appError('USAGE', {
    where: 'evaluate',
    problem,
    hint: 'For example: veracity evaluate model=sample@1 data=isot data.path=FOLDER',
  });
}
