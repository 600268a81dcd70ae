// Evaluates the functions of the override grammar: casts int/float/str/bool, sweeps choice/range/interval/glob, and
// tag/sort/shuffle over sweeps. They mean the same as in Hydra 1.3, except that shuffling a plain list is refused
// because it would not be reproducible.
import type { OverrideSweep, OverrideValue } from './override.ts';
import { formatPythonFloat } from './python-text.ts';

export interface FunctionArguments {
  readonly positional: OverrideValue[];
  readonly named: Map<string, OverrideValue>;
}

type Outcome = { readonly value: OverrideValue } | { readonly expected: string; readonly problem: string };
type Plain = string | number | boolean | null;

class Refusal extends Error {
  readonly expected: string;
  constructor(expected: string, problem: string) {
    super(problem);
    this.expected = expected;
  }
}

const functions: Readonly<Record<string, (given: FunctionArguments) => OverrideValue>> = {
  int: (given) => castWith('int', given, ({ value }) => ({ value: castInt(value) })),
  float: (given) => castWith('float', given, ({ value }) => ({ value: castFloat(value), isFloat: true })),
  str: (given) => castWith('str', given, castStr),
  bool: (given) => castWith('bool', given, ({ value }) => ({ value: castBool(value) })),
  choice: callChoice,
  range: callRange,
  interval: (given) => {
    const [start, end] = bindNumbers('interval', given, ['start', 'end'], 2);
    return { kind: 'interval', start: start!, end: end!, tags: [] };
  },
  glob: (given) => {
    const bound = bind('glob', given, ['include', 'exclude'], 1);
    return { kind: 'glob', include: toTexts(bound[0]), exclude: toTexts(bound[1]), tags: [] };
  },
  tag: callTag,
  sort: callSort,
  shuffle: (given) => {
    assertNames('shuffle', given, ['sweep', 'list']);
    const sweep =
      given.named.get('list') ??
      given.named.get('sweep') ??
      (given.positional.length > 1 ? choiceOf(given.positional) : given.positional[0]);
    if (sweep?.kind !== 'choice' && sweep?.kind !== 'range')
      throw new Refusal('a choice or a range in shuffle', formatKind(sweep));
    return { ...sweep, shuffle: true };
  },
};

/** Evaluates a call such as `range(1,5)`; a wrong call returns what was expected. */
export function callFunction(name: string, given: FunctionArguments): Outcome {
  const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (call === undefined) {
    return {
      expected: `one of the functions ${Object.keys(functions).sort().join(', ')}`,
      problem: `${name}(…)`,
    };
  }
  try {
    return { value: call(given) };
  } catch (error) {
    if (error instanceof Refusal) return { expected: error.expected, problem: error.message };
    throw error;
  }
}

function callChoice(given: FunctionArguments): OverrideValue {
  assertNames('choice', given, []);
  if (given.positional.length === 0) throw new Refusal('values in choice(…)', 'none');
  const [first] = given.positional;
  if (given.positional.length === 1 && first?.kind === 'choice') {
    if (!first.simple) throw new Refusal('values in choice(…)', 'another choice');
    return { ...first, simple: false };
  }
  return { kind: 'choice', items: given.positional.map(unquote), simple: false, shuffle: false, tags: [] };
}

function callRange(given: FunctionArguments): OverrideValue {
  const [first, second, step = 1] = bindNumbers('range', given, ['start', 'stop', 'step'], 1);
  const [start, stop] = second === undefined ? [0, first!] : [first!, second];
  return { kind: 'range', start, stop, step, shuffle: false, tags: [] };
}

function callTag(given: FunctionArguments): OverrideValue {
  assertNames('tag', given, ['sweep']);
  const all = [...given.positional, ...(given.named.has('sweep') ? [given.named.get('sweep')!] : [])];
  const sweep = all.pop();
  if (sweep === undefined || !('tags' in sweep))
    throw new Refusal('a sweep as the last argument of tag', formatKind(sweep));
  return { ...sweep, tags: [...new Set(all.flatMap(toTexts))] };
}

function callSort(given: FunctionArguments): OverrideValue {
  assertNames('sort', given, ['sweep', 'list', 'reverse']);
  const reverse = toPlain(given.named.get('reverse') ?? { kind: 'scalar', value: false });
  if (typeof reverse !== 'boolean') throw new Refusal('reverse=true or reverse=false', formatPlain(reverse));
  const target =
    given.named.get('list') ??
    given.named.get('sweep') ??
    (given.positional.length > 1 ? choiceOf(given.positional) : given.positional[0]);
  if (target === undefined) throw new Refusal('something to sort', 'nothing');
  if (target.kind === 'choice' || target.kind === 'list')
    return { ...target, items: sortItems(target.items, reverse) };
  if (target.kind === 'interval' || target.kind === 'glob' || target.kind === 'map')
    throw new Refusal('values, a list, a choice or a range in sort', `a ${target.kind}`);
  if (target.kind !== 'range') return target;
  const { start, stop } = target;
  const size = Math.abs(target.step);
  if (!reverse && start > stop)
    return { ...target, start: stop + size, stop: start + size, step: -target.step };
  if (reverse && start < stop)
    return { ...target, start: stop - size, stop: start - size, step: -target.step };
  return target;
}

function sortItems(items: readonly OverrideValue[], reverse: boolean): OverrideValue[] {
  // In Python, true and false sort as 1 and 0.
  const kinds = new Set(items.map((item) => (typeof toPlain(item) === 'string' ? 'text' : 'number')));
  if (kinds.size > 1) throw new Refusal('values of one type in sort', [...kinds].join(' and '));
  const sign = reverse ? -1 : 1;
  return [...items].sort((a, b) => {
    const [x, y] = [toPlain(a)!, toPlain(b)!];
    return x < y ? -sign : x > y ? sign : 0;
  });
}

type Scalar = Extract<OverrideValue, { kind: 'scalar' | 'quoted' }>;
type Cast = (from: Scalar) => { readonly value: Plain; readonly isFloat?: true };

function castWith(name: string, given: FunctionArguments, cast: Cast): OverrideValue {
  assertNames(name, given, ['value']);
  const named = given.named.get('value');
  if ((named !== undefined) === given.positional.length > 0)
    throw new Refusal('one value to cast', 'none or two');
  return castValue(
    named ?? (given.positional.length > 1 ? choiceOf(given.positional) : given.positional[0]!),
    cast,
  );
}

function castValue(value: OverrideValue, cast: Cast): OverrideValue {
  if (value.kind === 'list' || value.kind === 'choice')
    return { ...value, items: value.items.map((item) => castValue(item, cast)) };
  if (value.kind === 'map')
    return { ...value, entries: value.entries.map(([key, item]) => [key, castValue(item, cast)]) };
  if (value.kind === 'range') {
    return {
      ...value,
      start: castNumber(value.start, cast),
      stop: castNumber(value.stop, cast),
      step: castNumber(value.step, cast),
    };
  }
  if (value.kind === 'interval')
    return { ...value, start: castNumber(value.start, cast), end: castNumber(value.end, cast) };
  if (value.kind === 'glob') throw new Refusal('a value or a sweep of numbers to cast', 'glob(…)');
  return { kind: 'scalar', ...cast(value) };
}

function castNumber(value: number, cast: Cast): number {
  const result = cast({ kind: 'scalar', value }).value;
  if (typeof result !== 'number')
    throw new Refusal('int or float around a range or an interval', typeof result);
  return result;
}

function castStr(from: Scalar): { value: string } {
  const { value } = from;
  if (value === null) throw new Refusal('a value in str(…)', 'null');
  const isFloat = from.kind === 'scalar' && from.isFloat === true;
  return { value: isFloat && typeof value === 'number' ? formatPythonFloat(value) : String(value) };
}

function castInt(value: Plain): number {
  const isWhole = typeof value !== 'string' || /^\s*[+-]?\d+(_\d+)*\s*$/.test(value);
  const number =
    value === null || !isWhole
      ? Number.NaN
      : Number(typeof value === 'string' ? value.replaceAll('_', '') : value);
  if (!Number.isFinite(number)) throw new Refusal('a whole number in int(…)', formatPlain(value));
  return Math.trunc(number);
}

function castFloat(value: Plain): number {
  const text = String(value).trim().toLowerCase();
  if (/^[+-]?(inf|nan)$/.test(text))
    return text.endsWith('nan') ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity;
  const number =
    typeof value === 'string'
      ? Number(text === '' ? 'x' : text.replace(/(?<=\d)_(?=\d)/g, ''))
      : Number(value ?? Number.NaN);
  if (Number.isNaN(number) && typeof value !== 'number')
    throw new Refusal('a number in float(…)', formatPlain(value));
  return number;
}

function castBool(value: Plain): boolean {
  if (typeof value !== 'string') return Number.isNaN(value) || Boolean(value);
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new Refusal('true or false in bool(…)', formatPlain(value));
}

/** @throws Refusal for a named argument that the function does not have */
function assertNames(name: string, given: FunctionArguments, names: readonly string[]): void {
  const unknown = [...given.named.keys()].find((key) => !names.includes(key));
  if (unknown === undefined) return;
  const expected = names.length === 0 ? 'no named arguments' : `only the named arguments ${names.join(', ')}`;
  throw new Refusal(`${expected} in ${name}(…)`, `${unknown}=`);
}

/** Arguments in the order of `names`, by position or by name. */
function bind(
  name: string,
  given: FunctionArguments,
  names: readonly string[],
  required: number,
): (OverrideValue | undefined)[] {
  assertNames(name, given, names);
  const bound: (OverrideValue | undefined)[] = names.map(
    (key, i) => given.positional[i] ?? given.named.get(key),
  );
  const twice = [...given.named.keys()].find((key) => names.indexOf(key) < given.positional.length);
  if (
    given.positional.length > names.length ||
    twice !== undefined ||
    bound.slice(0, required).includes(undefined)
  ) {
    throw new Refusal(
      `arguments (${names.join(', ')})`,
      twice === undefined ? `${given.positional.length} of them` : `${twice} twice`,
    );
  }
  return bound;
}

function bindNumbers(
  name: string,
  given: FunctionArguments,
  names: readonly string[],
  required: number,
): (number | undefined)[] {
  return bind(name, given, names, required).map((value, i) => {
    if (value === undefined) return undefined;
    if (value.kind !== 'scalar' || typeof value.value !== 'number')
      throw new Refusal(`a number as ${names[i]}`, formatKind(value));
    return value.value;
  });
}

function choiceOf(items: readonly OverrideValue[]): OverrideSweep {
  return { kind: 'choice', items, simple: true, shuffle: false, tags: [] };
}

function unquote(value: OverrideValue): OverrideValue {
  return value.kind === 'quoted' ? { kind: 'scalar', value: value.value } : value;
}

function toPlain(value: OverrideValue): Plain {
  if (value.kind === 'scalar' || value.kind === 'quoted') return value.value;
  throw new Refusal('words or numbers', formatKind(value));
}

function toTexts(value: OverrideValue | undefined): string[] {
  if (value === undefined) return [];
  if (value.kind === 'list') return value.items.flatMap(toTexts);
  const plain = toPlain(value);
  if (typeof plain !== 'string') throw new Refusal('a text', formatPlain(plain));
  return [plain];
}

function formatKind(value: OverrideValue | undefined): string {
  if (value === undefined) return 'nothing';
  return value.kind === 'scalar' || value.kind === 'quoted' ? formatPlain(value.value) : `a ${value.kind}`;
}

function formatPlain(value: Plain): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}
