// What a sweep is asked for: its settings from configs/sweep, a sweep file and the command line, checked as a whole before
// anything is stored.
import { findClosest, loadConfig, readSettings } from '../../foundation/config/index.ts';
import { appError, canonicalJson, resolveUserPath } from '../../foundation/core/index.ts';
import type { SweepDefinition } from '../../foundation/records/index.ts';
import { goalOfMetric } from '../../keeping/runs/index.ts';
import {
  type Assignment,
  assertSearchSpace,
  createSampler,
  type SearchMethod,
  type SearchSpace,
} from '../../learning/search/index.ts';
import {
  type KeyChoices,
  listEntryChoices,
  listUnusedSweepKeys,
  loadTrainConfig,
  type TrainConfig,
  translateMetric,
} from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { readTypedOverrides } from './multirun.ts';
import { readParameter } from './parameter-range.ts';
import { type NamedParameter, openSettingNames } from './setting-names.ts';
import { type ParameterConfig, type SweepSettings, sweepSettingsSchema } from './sweep-schema.ts';
import { listOverrides } from './trial-overrides.ts';
import { TRIAL_METRICS } from './trial-value.ts';

export interface SweepRequest {
  readonly definition: SweepDefinition;
  /** What is not done exactly as it was asked for; sentences for people. */
  readonly notes: readonly string[];
  /** The configuration that all trials share. */
  readonly base: TrainConfig;
  /** Whether all trials have the same data. */
  readonly sharesData: boolean;
}

/** Trials of a search that names no limit. */
const USUAL_TRIALS = 30;
const USUAL_ETA = 3;

/**
 * Reads what `veracity sweep` and `--multirun` are given.
 * @param args  overrides: those of `sweep` and `sweep.…` shape the search, all others each training; a file that ends in
 *   .yaml is a sweep file
 * @throws SWEEP_INVALID, SEARCH_SPACE_INVALID, and what loading a configuration throws
 */
export function loadSweepRequest(
  args: readonly string[],
  { isMultirun }: { readonly isMultirun: boolean },
  context: WorkflowContext,
): SweepRequest {
  const files = args.filter((arg) => /\.ya?ml$/i.test(arg) && !arg.includes('='));
  if (files.length > 1) throw invalid(`expected one sweep file, got ${files.join(', ')}`);
  const others = args.filter((arg) => !files.includes(arg));
  const ofSweep = others.filter((arg) => /^[+~]*sweep(?:[.=@]|$)/.test(arg));
  const [file] = files;
  const notes: string[] = [];
  const settings = loadSettings(file, ofSweep, context, notes);
  const typed = readTypedOverrides(
    others.filter((arg) => !ofSweep.includes(arg)),
    settings.seed,
    context,
  );
  const { named, constants } = nameParameters(settings.parameters, typed.fixed, context, notes);
  const fixedKeys = new Set(typed.fixed.map((text) => text.slice(0, text.indexOf('=')).replace(/^\++/, '')));
  const searched = new Map(named.map((parameter) => [parameter.name, parameter]));
  for (const key of fixedKeys) {
    if (searched.delete(key)) notes.push(`${key} is not searched: the command line fixes it`);
  }
  for (const parameter of typed.searched) {
    if (searched.has(parameter.name))
      notes.push(`${parameter.name}: the command line replaces the range of the file`);
    searched.set(parameter.name, parameter);
  }
  const chosen = others.find((arg) => arg.startsWith('sweep='))?.slice('sweep='.length);
  const isPlain = file === undefined && chosen === undefined;
  const saysMethod = ofSweep.some((arg) => arg.startsWith('sweep.method='));
  const method = chooseMethod(settings.method, isMultirun && isPlain && !saysMethod, [...searched.values()]);
  const { space, spelling } = buildSpace([...searched.values()], isPlain);
  const overrides = [
    ...constants.filter((text) => !fixedKeys.has(text.slice(0, text.indexOf('=')))),
    ...typed.fixed,
  ];
  const definition: SweepDefinition = {
    name: chosen ?? file ?? (isMultirun ? 'multirun' : 'command line'),
    method,
    seed: settings.seed,
    metric: readMetric(settings.metric, context, notes),
    space,
    spelling,
    earlyStopping: null,
    budget: readBudget(settings, method, notes),
    repeat: settings.repeat,
    parallel: settings.parallel,
    overrides,
    datasetVersion: null,
    leaseSeconds: settings.lease_seconds,
    register: settings.register,
  };
  if (method === 'grid') createSampler({ method, space, seed: settings.seed }); // refuses continuous ranges
  const { base, sharesData } = checkTrials(definition, context);
  const { train } = base;
  const evaluations = train.eval_every === null ? Math.ceil(train.epochs) : null;
  const earlyStopping = readEarlyStopping(settings.early_terminate, evaluations, notes);
  return { definition: { ...definition, earlyStopping }, notes, base, sharesData };
}

/** What `sweep=` and `sweep.…` may be, for the completion of a command line. */
export function listSweepChoices(overrides: readonly string[], context: WorkflowContext): KeyChoices {
  return listEntryChoices('_sweep', sweepSettingsSchema, overrides, context);
}

function loadSettings(
  file: string | undefined,
  overrides: readonly string[],
  context: WorkflowContext,
  notes: string[],
): SweepSettings {
  const unused = listUnusedSweepKeys(context);
  if (file !== undefined) {
    const path = resolveUserPath(context.workingDirectory, file);
    const written = new Set(readSettings(path, file).map(({ path: [key = ''] }) => key));
    for (const [key, why] of unused) if (written.has(key)) notes.push(`${file}: ${key} is not used: ${why}`);
    const mergedFile = { path, shownAs: file, package: 'sweep', leftOut: [...unused.keys()] };
    return loadConfig('_sweep', sweepSettingsSchema, overrides, { ...context, mergedFile }).config.sweep;
  }
  return loadConfig('_sweep', sweepSettingsSchema, overrides, context).config.sweep;
}

interface NamedParameters {
  readonly named: readonly NamedParameter[];
  /** Overrides of parameters with one value. */
  readonly constants: readonly string[];
}

function nameParameters(
  parameters: Readonly<Record<string, ParameterConfig>>,
  fixed: readonly string[],
  context: WorkflowContext,
  notes: string[],
): NamedParameters {
  const flat = flatten(parameters);
  // What other trainers call model=NAME must not hide the keys of the choices that are tried here.
  const alternatives = flat.flatMap(({ path, config }) =>
    path.join('.') === 'model' && config.values !== undefined
      ? config.values.map((value) => `model=${value}`)
      : [],
  );
  const names = openSettingNames(fixed, alternatives, context);
  const named: NamedParameter[] = [];
  const constants: string[] = [];
  const renamed = new Map<string, string>();
  for (const { path, config } of flat) {
    const typed = path.join('.');
    const read = readParameter(typed, config);
    const naming = names.resolve(path, read.parameter);
    if ('unused' in naming) {
      notes.push(`parameter ${typed} is not used: ${naming.unused}`);
      continue;
    }
    renamed.set(typed, naming.name);
    if (naming.name !== typed) notes.push(`${typed} is ${naming.name} here`);
    notes.push(...read.notes);
    const isConstant =
      naming.parameter.kind === 'categorical' &&
      naming.parameter.choices.length === 1 &&
      naming.parameter.when === undefined;
    if (isConstant)
      constants.push(...listOverrides(toSpace([naming]), spellingOf([naming]), firstValues([naming])));
    else named.push(naming);
  }
  return {
    constants,
    named: named.map(({ parameter, ...rest }) => {
      const { when } = parameter;
      const condition = when === undefined ? undefined : renamed.get(when.parameter);
      return condition === undefined
        ? { ...rest, parameter }
        : { ...rest, parameter: { ...parameter, when: { ...when!, parameter: condition } } };
    }),
  };
}

interface FlatParameter {
  readonly path: readonly string[];
  readonly config: ParameterConfig;
}

/** Nested parameters by their whole path. */
function flatten(
  parameters: Readonly<Record<string, ParameterConfig>>,
  above: readonly string[] = [],
): FlatParameter[] {
  return Object.entries(parameters).flatMap(([name, config]) => {
    const path = [...above, ...name.split('.')];
    return config.parameters === undefined ? [{ path, config }] : flatten(config.parameters, path);
  });
}

/** @throws SWEEP_INVALID for a range without a method that searches it */
function chooseMethod(
  method: SweepSettings['method'],
  isGrid: boolean,
  searched: readonly NamedParameter[],
): SearchMethod {
  if (!isGrid) return method === 'bayes' ? 'gp' : method;
  const continuous = searched.find(
    ({ parameter }) => parameter.kind === 'float' && parameter.step === undefined,
  );
  if (continuous === undefined) return 'grid';
  throw appError('SWEEP_INVALID', {
    problem: `${continuous.name}: expected values to try one after the other, got an interval`,
    hint: 'An interval needs a method that searches it: add sweep.method=tpe, gp or random, and sweep.budget.trials=N.',
  });
}

function toSpace(parameters: readonly NamedParameter[]): SearchSpace {
  return Object.fromEntries(parameters.map(({ name, parameter }) => [name, parameter]));
}

function spellingOf(parameters: readonly NamedParameter[]): SweepDefinition['spelling'] {
  return Object.fromEntries(
    parameters
      .filter(({ spelling }) => Object.keys(spelling).length > 0)
      .map(({ name, spelling }) => [
        name,
        Object.fromEntries(Object.entries(spelling).map(([value, texts]) => [value, [...texts]])),
      ]),
  );
}

function buildSpace(
  parameters: readonly NamedParameter[],
  isPlain: boolean,
): Pick<SweepDefinition, 'space' | 'spelling'> {
  if (parameters.length === 0)
    throw appError('SWEEP_INVALID', {
      problem: 'expected at least one setting with several values, got none',
      hint: isPlain
        ? 'For example: veracity sweep sweep=learning-rate, or veracity sweep optimizer.lr=1e-4,1e-3'
        : 'For example: train.batch_size=16,32,64',
    });
  const space = toSpace(parameters);
  assertSearchSpace(space);
  return { space: space as SweepDefinition['space'], spelling: spellingOf(parameters) };
}

/** @throws SWEEP_INVALID for a metric that no training has */
function readMetric(
  { name, goal, target }: SweepSettings['metric'],
  context: WorkflowContext,
  notes: string[],
): SweepDefinition['metric'] {
  const ours = TRIAL_METRICS.includes(name) ? name : translateMetric(name, context);
  if (ours === undefined) {
    const closest = findClosest(name, TRIAL_METRICS);
    throw appError('SWEEP_INVALID', {
      problem: `metric: expected one that trainings record, got ${name}`,
      hint: `${closest === undefined ? '' : `Did you mean ${closest}? `}Known: ${TRIAL_METRICS.join(', ')}.`,
    });
  }
  if (ours !== name) notes.push(`metric ${name} is ${ours} here`);
  if (target !== undefined) notes.push('metric.target is not used: a sweep ends by its budget');
  const better = goalOfMetric(ours);
  if (goal !== null && better !== goal)
    notes.push(`${ours} is usually ${better}d, and this sweep ${goal}s it`);
  return { name: ours, goal: goal ?? better };
}

function readBudget(
  { budget, run_cap: runCap }: SweepSettings,
  method: SearchMethod,
  notes: string[],
): SweepDefinition['budget'] {
  const trials = budget.trials ?? runCap ?? null;
  if (trials !== null || budget.minutes !== null || budget.patience !== null || method === 'grid')
    return { ...budget, trials };
  notes.push(`no limit is set: at most ${USUAL_TRIALS} trials are run (sweep.budget.trials)`);
  return { ...budget, trials: USUAL_TRIALS };
}

function readEarlyStopping(
  settings: SweepSettings['early_terminate'],
  evaluations: number | null,
  notes: string[],
): SweepDefinition['earlyStopping'] {
  if (settings === null) return null;
  const { type: kind, min_iter: min, max_iter: max, eta = USUAL_ETA, s = null } = settings;
  const maxEvaluations = max ?? evaluations;
  const minEvaluations =
    min ?? (max !== undefined && s !== null ? Math.max(1, Math.floor(max / eta ** s)) : 1);
  if (evaluations !== null && minEvaluations >= evaluations)
    notes.push(
      `no trial is stopped early: each has ${evaluations} evaluations, and the first decision comes after ${minEvaluations}`,
    );
  return { kind, minEvaluations, eta, maxEvaluations, brackets: s };
}

/**
 * Composes the configuration of a trial for each choice, so that a wrong value is refused before the first trial.
 * @returns that of the first values
 */
function checkTrials(
  definition: SweepDefinition,
  context: WorkflowContext,
): Pick<SweepRequest, 'base' | 'sharesData'> {
  const { space, spelling, overrides } = definition;
  const load = (values: Assignment): TrainConfig =>
    loadTrainConfig([...overrides, ...listOverrides(space, spelling, values)], context).config;
  const parameters = Object.entries(space).map(([name, parameter]) => ({ name, parameter, spelling: {} }));
  const first = activeValues(space, firstValues(parameters));
  const base = load(first);
  const data = new Set([describeData(base)]);
  const seen = new Set([canonicalJson(first)]);
  for (const { name, parameter } of parameters) {
    const values = parameter.kind === 'categorical' ? parameter.choices : [parameter.low, parameter.high];
    for (const value of values) {
      const changed = activeValues(space, { ...firstValues(parameters), [name]: value });
      const key = canonicalJson(changed);
      if (seen.has(key)) continue;
      seen.add(key);
      data.add(describeData(load(changed)));
    }
  }
  return { base, sharesData: data.size === 1 };
}

/** What the dataset version depends on. */
function describeData({ data, seed }: TrainConfig): string {
  return canonicalJson({ data, seed: data.split.seed ?? seed });
}

function firstValues(parameters: readonly NamedParameter[]): Assignment {
  return Object.fromEntries(
    parameters.map(({ name, parameter }) => [
      name,
      parameter.kind === 'categorical' ? parameter.choices[0]! : parameter.low,
    ]),
  );
}

/** Without the values of parameters whose condition does not hold. */
function activeValues(space: SearchSpace, values: Assignment): Assignment {
  const isActive = (name: string): boolean => {
    const when = space[name]?.when;
    return when === undefined || (isActive(when.parameter) && when.values.includes(values[when.parameter]!));
  };
  return Object.fromEntries(Object.entries(values).filter(([name]) => isActive(name)));
}

function invalid(problem: string): Error {
  return appError('SWEEP_INVALID', { problem, hint: 'See: veracity sweep --help' });
}
