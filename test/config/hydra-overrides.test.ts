// Compares parsing with hydra-core: every override in reference/overrides.json gives the same result or is refused by both.
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
const reference = JSON.parse(
  readFileSync(new URL('./reference/overrides.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

/** Cases with another result, and the reason of each. */
const differs: Readonly<Record<string, string>> = {
  'a=/home/jürgen/x.csv': 'letters outside ASCII need no quotes here; hydra-core refuses them',
  'a=新聞': 'the same',
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
    expect(JSON.parse(JSON.stringify(encode(parsed)))).toEqual(sortTags(expected));
  });
});

it('accepts letters outside ASCII without quotes, although hydra-core requires quotes', () => {
  expect(parseOverride('a=/home/jürgen/x.csv').value).toEqual({
    kind: 'scalar',
    value: '/home/jürgen/x.csv',
  });
  expect(parseOverride('a=新聞').value).toEqual({ kind: 'scalar', value: '新聞' });
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
