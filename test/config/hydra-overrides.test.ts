// Compares parsing with hydra-core: every override in the references gives the same result or is refused by both.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseOverride } from '../../src/foundation/config/override-parser.ts';

interface Case {
  override: string;
  error?: true;
  action: string;
  key: string;
  package: string | null;
  value: unknown;
}
const read = (name: string): Case[] =>
  (JSON.parse(readFileSync(new URL(`./reference/${name}`, import.meta.url), 'utf8')) as { cases: Case[] })
    .cases;
const reference = { cases: [...read('overrides.json'), ...read('edge-overrides.json')] };

/** Cases with another result, and the reason of each. */
const differs: Readonly<Record<string, string>> = {
  'a=/home/jürgen/x.csv': 'letters outside ASCII need no quotes here; hydra-core refuses them',
  'a=新聞': 'the same',
  'a=~/x': 'a path below the home folder needs no quotes here; hydra-core refuses it',
  'a=~/x.csv': 'the same',
  "a={'b': 1}": 'keys of maps may be quoted here; hydra-core refuses them',
  "a={'q': 1}": 'the same',
  'a={"q": 1}': 'the same',
  'a={1_0: x}': 'keys are texts as typed: "1_0", not the number 10',
  'a={1e3: x}': 'the same: "1e3"',
  'a={true: x, TRUE: y}': 'the same: "true" and "TRUE" are two keys',
  'a=9007199254740992': 'integers that a number cannot hold exactly are refused',
  'a=-9007199254740993': 'the same',
  'a=123456789012345678901234567890': 'the same',
  'a=int(123456789012345678901)': 'the same',
  'a=range(true)': 'bounds of a range are numbers; hydra-core takes true for 1',
  'a=glob([a,1])': 'patterns are texts',
  "a=choice(null,'null',true)": 'null may be a choice; hydra-core refuses it',
};

describe('override grammar against hydra-core', () => {
  it('has a reference that both accepts and refuses', () => {
    expect(reference.cases.filter((c) => c.error).length).toBeGreaterThan(50);
    expect(reference.cases.filter((c) => !c.error).length).toBeGreaterThan(150);
  });

  it.each(
    reference.cases
      .filter((c) => differs[c.override] === undefined)
      .map((c) => [JSON.stringify(c.override), c] as const),
  )('agrees on %s', (_, { override, error, ...expected }) => {
    if (error) {
      expect(() => parseOverride(override)).toThrow(expect.objectContaining({ code: 'OVERRIDE_SYNTAX' }));
      return;
    }
    const { text, ...parsed } = parseOverride(override);
    expect(text).toBe(override);
    expect(JSON.parse(JSON.stringify(encode(parsed)))).toEqual(
      JSON.parse(JSON.stringify(sortTags(expected))),
    );
  });
});

it('accepts letters outside ASCII without quotes, although hydra-core requires quotes', () => {
  expect(parseOverride('a=/home/jürgen/x.csv').value).toEqual({
    kind: 'scalar',
    value: '/home/jürgen/x.csv',
  });
  expect(parseOverride('a=新聞').value).toEqual({ kind: 'scalar', value: '新聞' });
});

it('accepts paths below the home folder without quotes wherever a value starts', () => {
  expect(parseOverride('data.path=~/x.csv').value).toEqual({ kind: 'scalar', value: '~/x.csv' });
  expect(parseOverride('a=[~/x, {path: ~/y}]').value).toMatchObject({ items: expect.any(Array) });
  for (const override of ['a=x~/y', 'a=~', 'a=~nobody/x'])
    expect(() => parseOverride(override)).toThrow(expect.objectContaining({ code: 'OVERRIDE_SYNTAX' }));
});

/** Numbers that JSON cannot hold, as the reference writes them. */
function encode(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { $float: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' };
  }
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  return sortTags(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)])));
}

function sortTags(value: Record<string, unknown>): Record<string, unknown> {
  return Array.isArray(value.tags) ? { ...value, tags: [...value.tags].sort() } : value;
}
