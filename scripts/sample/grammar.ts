// A small grammar for invented prose: {a|b} picks an alternative (nestable), [name] is filled from the facts of the
// article, [Name] is the same with a capital, [num:3-9] is a number, the same one for the same range within an article, so
// that a title and its text agree.
import type { Random } from '../../src/foundation/core/random.ts';

/** What one article is about. */
export interface Facts {
  /** Slot name -> text, fixed or drawn anew at each use. */
  readonly slots: Readonly<Record<string, string | (() => string)>>;
  /** Numbers drawn so far, by range. */
  readonly numbers: Record<string, string>;
}

/** Lines of a file under `# heading`s. */
export type Banks = ReadonlyMap<string, readonly string[]>;

export function parseBanks(text: string): Banks {
  const banks = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line === '') continue;
    if (line.startsWith('# ')) {
      current = [];
      banks.set(line.slice(2), current);
    } else if (current === undefined) throw new Error(`text before the first heading: ${line}`);
    else current.push(line);
  }
  return banks;
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Picks by weight: `{ title: 3, loud: 1 }`. */
export function pickWeighted<K extends string>(
  random: Pick<Random, 'next'>,
  weights: Partial<Readonly<Record<K, number>>>,
): K {
  const names = Object.keys(weights) as K[];
  let left = random.next() * names.reduce((sum, name) => sum + (weights[name] ?? 0), 0);
  for (const name of names) {
    left -= weights[name] ?? 0;
    if (left < 0) return name;
  }
  return names.at(-1)!;
}

/** Fills one template. @throws when a slot is unknown, so that a misspelt slot can't reach the sample */
export function expand(template: string, facts: Facts, random: Random): string {
  const innermost = /\{([^{}]*)\}/;
  let text = template;
  for (let match = innermost.exec(text); match !== null; match = innermost.exec(text)) {
    text =
      text.slice(0, match.index) +
      pick(random, match[1]!.split('|')) +
      text.slice(match.index + match[0].length);
  }
  text = text.replace(/\[num:(\d+)-(\d+)\]/g, (range, low: string, high: string) => {
    facts.numbers[range] ??= String(Number(low) + random.integer(Number(high) - Number(low) + 1));
    return facts.numbers[range];
  });
  // A slot's value may hold slots itself (a claim names a place), so fill until none is left.
  for (let depth = 0; text.includes('['); depth++) {
    if (depth > 5) throw new Error(`slots that never end: ${template}`);
    text = text.replace(/\[([A-Za-z0-9]+)\]/g, (_, name: string) => {
      const fact = facts.slots[name] ?? facts.slots[name.charAt(0).toLowerCase() + name.slice(1)];
      if (fact === undefined) throw new Error(`no slot [${name}] for: ${template}`);
      const value = typeof fact === 'string' ? fact : fact();
      return facts.slots[name] === undefined ? capitalise(value) : value;
    });
    if (innermost.test(text)) text = expand(text, facts, random);
  }
  const spaced = text.replace(/\s+/g, ' ').trim();
  return capitalise(spaced.replace(/\b([Aa]) (?=[aeio](?!ne\b))/g, '$1n '));
}

/** Raises the first letter, behind an opening quote too. */
export function capitalise(text: string): string {
  return text.replace(/^("?)([a-z])/, (_, quote: string, letter: string) => quote + letter.toUpperCase());
}
