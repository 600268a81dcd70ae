// Several values in one command, in Hydra's grammar: `a=1,2`, `range(…)`, `choice(…)`, `interval(…)` and `glob(…)` become
// parameters of a sweep. The choices keep the order in which they are typed, so that a grid has Hydra's order of jobs.
import {
  isSweep,
  listGroupChoices,
  locateConfigs,
  type Override,
  type OverrideSweep,
  type OverrideValue,
  parseOverride,
  quoteText,
} from '../../foundation/config/index.ts';
import { appError, createRandom } from '../../foundation/core/index.ts';
import type { Parameter, SearchValue } from '../../learning/search/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { NamedParameter } from './setting-names.ts';

export interface TypedOverrides {
  /** Overrides with one value, as typed. */
  readonly fixed: readonly string[];
  /** Overrides with several values, in the order in which they are typed. */
  readonly searched: readonly NamedParameter[];
}

/**
 * Separates what is searched from what is fixed.
 * @param seed  decides the order of `shuffle(…)`
 * @throws OVERRIDE_SYNTAX, SWEEP_INVALID
 */
export function readTypedOverrides(
  texts: readonly string[],
  seed: number,
  search: Pick<WorkflowContext, 'workingDirectory' | 'configDirs' | 'searchesConfigs'>,
): TypedOverrides {
  const fixed: string[] = [];
  const searched: NamedParameter[] = [];
  for (const text of texts) {
    const override = parseOverride(text);
    if (!isSweep(override.value)) fixed.push(text);
    else searched.push(readSweep(override, override.value, seed, search));
  }
  return { fixed, searched };
}

/**
 * Every combination of the values, each as its arguments, in Hydra's order of jobs.
 * @throws OVERRIDE_SYNTAX, SWEEP_INVALID
 */
export function listCombinations(
  texts: readonly string[],
  search: Parameters<typeof readTypedOverrides>[2],
): string[][] {
  const { fixed, searched } = readTypedOverrides(texts, 0, search);
  let jobs: string[][] = [[...fixed]];
  for (const { name, parameter, spelling } of searched) {
    if (parameter.kind !== 'categorical')
      throw appError('SWEEP_INVALID', {
        problem: `${name}: expected values to try one after the other, got an interval`,
        hint: 'An interval is searched only by veracity sweep.',
      });
    const values = parameter.choices.flatMap((choice) => spelling[JSON.stringify(choice)]?.[0] ?? []);
    jobs = jobs.flatMap((job) => values.map((value) => [...job, value]));
  }
  return jobs;
}

function readSweep(
  override: Override,
  sweep: OverrideSweep,
  seed: number,
  search: Parameters<typeof readTypedOverrides>[2],
): NamedParameter {
  const sign = { change: '', add: '+', set: '++', delete: '~' }[override.action];
  const name = override.package === null ? override.key : `${override.key}@${override.package}`;
  const key = `${sign}${name}`;
  if (sweep.kind === 'interval') {
    const { start, end } = sweep;
    if (!(start < end))
      throw invalid(override, 'an interval whose start is below its end', `${start} to ${end}`);
    return {
      name,
      parameter: { kind: 'float', low: start, high: end },
      spelling: sign === '' ? {} : refuseSign(override),
    };
  }
  const items = listItems(override, sweep, search);
  const ordered =
    'shuffle' in sweep && sweep.shuffle ? createRandom(seed, override.text).shuffle([...items]) : items;
  const choices = new Map<SearchValue, string>();
  for (const item of ordered) choices.set(toSearchValue(item), `${key}=${formatItem(item)}`);
  const parameter: Parameter = { kind: 'categorical', choices: [...choices.keys()] };
  const spelling = [...choices].map(([value, text]) => [JSON.stringify(value), [text]] as const);
  return { name, parameter, spelling: Object.fromEntries(spelling) };
}

function listItems(
  override: Override,
  sweep: Exclude<OverrideSweep, { kind: 'interval' }>,
  search: Parameters<typeof readTypedOverrides>[2],
): readonly OverrideValue[] {
  if (sweep.kind === 'choice') return sweep.items;
  if (sweep.kind === 'range') {
    const { start, stop, step } = sweep;
    const size = Math.max(0, Math.ceil((stop - start) / step - 1e-9));
    if (step === 0 || size === 0)
      throw invalid(override, 'a range with values', `range(${start},${stop},${step})`);
    return Array.from({ length: size }, (_, i) => scalar(Number((start + i * step).toPrecision(15))));
  }
  const matches = (patterns: readonly string[], text: string): boolean =>
    patterns.some((pattern) => globToRegExp(pattern).test(text));
  const all = listGroupChoices(locateConfigs(search), override.key);
  const found = all.filter((choice) => matches(sweep.include, choice) && !matches(sweep.exclude, choice));
  if (found.length === 0)
    throw invalid(
      override,
      `a pattern that choices of the group ${override.key} match`,
      `none of ${all.join(', ') || 'its choices'}`,
    );
  return found.map(scalar);
}

function scalar(value: string | number): OverrideValue {
  return { kind: 'scalar', value };
}

/** `*`, `?` and `[abc]`, as in a shell. */
function globToRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  return new RegExp(`^${source}$`);
}

/** Lists and maps stand in the history as their text. */
function toSearchValue(item: OverrideValue): SearchValue {
  return item.kind === 'scalar' || item.kind === 'quoted' ? item.value : formatItem(item);
}

/** An item as it is typed behind `key=`. */
function formatItem(item: OverrideValue): string {
  switch (item.kind) {
    case 'scalar':
      return item.value === null ? 'null' : formatScalar(item.value, item.isFloat === true);
    case 'quoted':
      return quoteText(item.value);
    case 'list':
      return `[${item.items.map(formatItem).join(',')}]`;
    case 'map':
      return `{${item.entries.map(([key, value]) => `${quoteText(key)}:${formatItem(value)}`).join(',')}}`;
    default:
      return '';
  }
}

/** A word of the grammar stays a word; other texts are quoted. */
function formatScalar(value: string | number | boolean, isFloat: boolean): string {
  if (typeof value !== 'string') return isFloat && Number.isInteger(value) ? `${value}.0` : String(value);
  return /^[A-Za-z_][\w./@-]*$/.test(value) && !/^(?:true|false|null|nan|inf)$/i.test(value)
    ? value
    : quoteText(value);
}

function refuseSign(override: Override): never {
  throw invalid(override, 'an interval of a key that exists', `${override.action} before it`);
}

function invalid(override: Override, expected: string, got: string): Error {
  return appError('SWEEP_INVALID', {
    problem: `${override.text}: expected ${expected}, got ${got}`,
    hint: 'See docs/how-to/sweep.md for what --multirun takes.',
  });
}
