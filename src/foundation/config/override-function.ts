// Evaluates the functions of the override grammar: casts int/float/str/bool, sweeps choice/range/interval/glob, and
// tag/sort/shuffle over sweeps. They mean the same as in Hydra 1.3, except that shuffling a plain list is refused
// because it would not be reproducible.
import type { OverrideValue, Sweep } from './override.ts';

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
  int: (given) => castWith(given, castInt),
  float: (given) => castWith(given, castFloat),
  str: (given) => castWith(given, (value) => String(value)),
  bool: (given) => castWith(given, castBool),
  choice: callChoice,
  range: callRange,
  interval: (given) => {
    const [start, end] = bindNumbers(given, ['start', 'end'], 2);
    return { kind: 'interval', start: start!, end: end!, tags: [] };
  },
  glob: (given) => {
    const bound = bind(given, ['include', 'exclude'], 1);
    return { kind: 'glob', include: toTexts(bound[0]), exclude: toTexts(bound[1]), tags: [] };
  },
  tag: callTag,
  sort: callSort,
  shuffle: (given) => {
    const sweep =
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
  if (given.named.size > 0 || given.positional.length === 0) throw new Refusal('values in choice(…)', 'none');
  const [first] = given.positional;
  if (given.positional.length === 1 && first?.kind === 'choice') {
    if (!first.simple) throw new Refusal('values in choice(…)', 'another choice');
    return { ...first, simple: false };
  }
  return { kind: 'choice', items: given.positional.map(unquote), simple: false, shuffle: false, tags: [] };
}

function callRange(given: FunctionArguments): OverrideValue {
  const [first, second, step = 1] = bindNumbers(given, ['start', 'stop', 'step'], 1);
  const [start, stop] = second === undefined ? [0, first!] : [first!, second];
  return { kind: 'range', start, stop, step, shuffle: false, tags: [] };
}

function callTag(given: FunctionArguments): OverrideValue {
  const all = [...given.positional, ...(given.named.has('sweep') ? [given.named.get('sweep')!] : [])];
  const sweep = all.pop();
  if (sweep === undefined || !('tags' in sweep))
    throw new Refusal('a sweep as the last argument of tag', formatKind(sweep));
  return { ...sweep, tags: [...new Set(all.flatMap(toTexts))] };
}

function callSort(given: FunctionArguments): OverrideValue {
  const reverse = toPlain(given.named.get('reverse') ?? { kind: 'scalar', value: false }) === true;
  const target =
    given.named.get('sweep') ??
    given.named.get('list') ??
    (given.positional.length > 1 ? choiceOf(given.positional) : given.positional[0]);
  if (target === undefined) throw new Refusal('something to sort', 'nothing');
  if (target.kind === 'choice' || target.kind === 'list')
    return { ...target, items: sortItems(target.items, reverse) };
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
  const kinds = new Set(items.map((item) => typeof toPlain(item)));
  if (kinds.size > 1) throw new Refusal('values of one type in sort', [...kinds].join(' and '));
  const sign = reverse ? -1 : 1;
  return [...items].sort((a, b) => {
    const [x, y] = [toPlain(a)!, toPlain(b)!];
    return x < y ? -sign : x > y ? sign : 0;
  });
}

function castWith(given: FunctionArguments, cast: (value: Plain) => Plain): OverrideValue {
  const named = given.named.get('value');
  if ((named !== undefined) === given.positional.length > 0)
    throw new Refusal('one value to cast', 'none or two');
  return castValue(
    named ?? (given.positional.length > 1 ? choiceOf(given.positional) : given.positional[0]!),
    cast,
  );
}

function castValue(value: OverrideValue, cast: (value: Plain) => Plain): OverrideValue {
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
  return { kind: 'scalar', value: cast(value.value) };
}

function castNumber(value: number, cast: (value: Plain) => Plain): number {
  const result = cast(value);
  if (typeof result !== 'number')
    throw new Refusal('int or float around a range or an interval', typeof result);
  return result;
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
  const number = typeof value === 'string' ? Number(text === '' ? 'x' : text) : Number(value ?? Number.NaN);
  if (Number.isNaN(number) && typeof value !== 'number')
    throw new Refusal('a number in float(…)', formatPlain(value));
  return number;
}

function castBool(value: Plain): boolean {
  if (typeof value !== 'string') return Boolean(value);
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new Refusal('true or false in bool(…)', formatPlain(value));
}

/** Arguments in the order of `names`, by position or by name. */
function bind(
  given: FunctionArguments,
  names: readonly string[],
  required: number,
): (OverrideValue | undefined)[] {
  const bound: (OverrideValue | undefined)[] = names.map(
    (name, i) => given.positional[i] ?? given.named.get(name),
  );
  const unknown = [...given.named.keys()].find((name) => names.indexOf(name) < given.positional.length);
  if (
    given.positional.length > names.length ||
    unknown !== undefined ||
    bound.slice(0, required).includes(undefined)
  ) {
    throw new Refusal(`arguments (${names.join(', ')})`, unknown ?? `${given.positional.length} of them`);
  }
  return bound;
}

function bindNumbers(
  given: FunctionArguments,
  names: readonly string[],
  required: number,
): (number | undefined)[] {
  return bind(given, names, required).map((value, i) => {
    if (value === undefined) return undefined;
    if (value.kind !== 'scalar' || typeof value.value !== 'number')
      throw new Refusal(`a number as ${names[i]}`, formatKind(value));
    return value.value;
  });
}

function choiceOf(items: readonly OverrideValue[]): Sweep {
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
