// Finds labels that look like one class under several spellings, that stand for a missing label, or that are very rare, and
// suggests a setting of data.labels. It decides nothing: every spelling stays a class of its own until a person joins them.
import type { DatasetWarning } from '../../foundation/records/index.ts';
import { unifyLabel } from './label-rules.ts';
import { createUnionFind } from './union-find.ts';

/** A label in the file, its class, and how many rows have it. */
export interface LabelCount {
  readonly written: string;
  readonly className: string;
  readonly rows: number;
}

type LabelsAlike = Extract<DatasetWarning, { code: 'LABELS_ALIKE' }>;
type Difference = LabelsAlike['alike'][number]['differIn'][number];

/** What programs write where a label is missing: pandas nan and <NA>, SQL NULL, spreadsheets #N/A, and others. */
const MISSING = new Set([
  '',
  'nan',
  'null',
  'none',
  'na',
  'n/a',
  '<na>',
  '#n/a',
  '(null)',
  'nil',
  'undefined',
]);
/** A class with a smaller share of the rows is rare, unless there are so many classes that most would be. */
const RARE_SHARE = 0.01;
const RARE_OF_EVEN_SHARE = 0.2;
/** Shorter names that differ in one letter (cat, bat) are usually meant, unless one has far fewer rows than the other. */
const MIN_NAME_CHARS = 4;
const FAR_FEWER = 0.1;

/**
 * @param classes  the configured order of classes, which a person has chosen: no warning is about these
 * @param kept     labels that the configuration leaves out already
 */
export function findLabelSpellings(
  counts: readonly LabelCount[],
  classes: readonly string[] | null,
  kept: Readonly<Record<string, string | null>> | null,
): LabelsAlike | null {
  if (classes !== null) return null;
  const rowsOf = new Map<string, number>();
  for (const { className, rows } of counts) rowsOf.set(className, (rowsOf.get(className) ?? 0) + rows);
  const total = [...rowsOf.values()].reduce((sum, rows) => sum + rows, 0);
  const isMissing = (name: string): boolean => MISSING.has(name.toLowerCase());
  const byRows = (a: string, b: string): number =>
    (rowsOf.get(b) as number) - (rowsOf.get(a) as number) || (a < b ? -1 : 1);
  const names = [...rowsOf.keys()].sort(byRows);
  const label = (name: string) => ({ name, rows: rowsOf.get(name) as number });

  const alike = groupAlike(
    names.filter((name) => !isMissing(name)),
    (name) => rowsOf.get(name) as number,
  );
  const missing = names.filter(isMissing);
  const rareShare = Math.min(RARE_SHARE, RARE_OF_EVEN_SHARE / names.length);
  const inGroup = new Set([...missing, ...alike.flatMap((group) => group.names)]);
  const rare = names.filter((name) => label(name).rows < rareShare * total && !inGroup.has(name));
  if (alike.length + missing.length + rare.length === 0) return null;

  // The spelling with most rows names the class.
  const target = new Map<string, string | null>(missing.map((name) => [name, null]));
  for (const group of alike) for (const name of group.names) target.set(name, group.names[0] as string);
  const suggested = counts.map(({ written, className, rows }) => {
    const to = target.get(className);
    return { written, to: to === undefined ? className : to, rows };
  });
  // The labels of one class stand together, those with most rows first, and what is left out last.
  const order = new Map(names.map((name, i) => [name, i]));
  const placeOf = (to: string | null): number => (to === null ? names.length : (order.get(to) ?? 0));
  suggested.sort((a, b) => placeOf(a.to) - placeOf(b.to) || b.rows - a.rows);
  return {
    code: 'LABELS_ALIKE',
    alike: alike.map((group) => ({ labels: group.names.map(label), differIn: group.differIn })),
    missing: missing.map(label),
    rare: rare.map(label),
    labels: Object.fromEntries([
      ...suggested.map(({ written, to }) => [written, to] as const),
      ...Object.entries(kept ?? {}).filter(([, to]) => to === null),
    ]),
  };
}

/** The class of the label that `label` is a spelling of, if there is one; null if it stands for a missing label. */
export function suggestClass(label: string, known: Iterable<readonly [string, string]>): string | null {
  if (MISSING.has(label.toLowerCase())) return null;
  for (const [name, className] of known) if (difference(label, name) !== null) return className;
  return null;
}

/** @param names  those with most rows first, an order that each group keeps */
function groupAlike(
  names: readonly string[],
  rowsOf: (name: string) => number,
): { names: string[]; differIn: Difference[] }[] {
  const sets = createUnionFind(names.length);
  const found: { root: number; difference: Difference }[] = [];
  for (let i = 0; i < names.length; i++) {
    for (let j = 0; j < i; j++) {
      const [fewer, more] = [names[i] as string, names[j] as string];
      const minChars = rowsOf(fewer) < FAR_FEWER * rowsOf(more) ? MIN_NAME_CHARS - 1 : MIN_NAME_CHARS;
      const how = difference(fewer, more, minChars);
      if (how === null) continue;
      sets.union(i, j);
      found.push({ root: i, difference: how });
    }
  }
  const groups = new Map<number, { names: string[]; differIn: Set<Difference> }>();
  for (const [i, name] of names.entries()) {
    const root = sets.find(i);
    const group = groups.get(root) ?? { names: [], differIn: new Set() };
    group.names.push(name);
    groups.set(root, group);
  }
  for (const { root, difference: how } of found) groups.get(sets.find(root))?.differIn.add(how);
  return [...groups.values()]
    .filter((group) => group.names.length > 1)
    .map((group) => ({ names: group.names, differIn: [...group.differIn] }));
}

/** How two names that look like one differ; null if they look like two. */
function difference(first: string, second: string, minChars = MIN_NAME_CHARS): Difference | null {
  const [a, b] = [unifyLabel(first).normalize('NFKC'), unifyLabel(second).normalize('NFKC')];
  const [numberA, numberB] = [readNumber(a), readNumber(b)];
  if (numberA !== null && numberB !== null) return numberA === numberB ? 'number format' : null;
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowerA === lowerB) return 'case';
  const spaced = (text: string): string => text.replace(/\s+/g, '');
  if (spaced(lowerA) === spaced(lowerB)) return 'spaces';
  const [plainA, plainB] = [plain(lowerA), plain(lowerB)];
  if (plainA !== '' && plainA === plainB) return 'punctuation';
  return isOneLetterApart(plainA, plainB, minChars) ? 'one letter' : null;
}

/** The value of a number in any usual spelling, also 1,0 and 007. */
function readNumber(text: string): number | null {
  const match = /^[+-]?\d+(?:[.,]\d*)?(?:e[+-]?\d+)?$/i.test(text);
  return match ? Number(text.replace(',', '.')) : null;
}

/** A name without spaces and punctuation; signs that distinguish names (C, C++, C#) stay. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M}+#]+/gu, '');
}

/** Whether one letter is added, missing, changed or exchanged with its neighbour. Digits never count: class1 is not class2. */
function isOneLetterApart(a: string, b: string, minChars: number): boolean {
  const [short, long] = a.length <= b.length ? [[...a], [...b]] : [[...b], [...a]];
  if (long.length < minChars || long.length - short.length > 1) return false;
  let start = 0;
  while (start < short.length && short[start] === long[start]) start++;
  let end = 0;
  while (end < short.length - start && short[short.length - 1 - end] === long[long.length - 1 - end]) end++;
  const restShort = short.slice(start, short.length - end);
  const restLong = long.slice(start, long.length - end);
  if ([...restShort, ...restLong].some((letter) => !/\p{L}|\p{M}/u.test(letter))) return false;
  if (restLong.length === 1) return restShort.length <= 1;
  return (
    restLong.length === 2 &&
    restShort.length === 2 &&
    restShort[0] === restLong[1] &&
    restShort[1] === restLong[0]
  );
}
