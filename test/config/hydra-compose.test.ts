// Compares composition with hydra-core: every tree and override list in the references composes to the same result, a
// copy of the package's own configs among them, and whatever hydra-core refuses is refused with an error of the catalogue.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeConfig } from '../../src/foundation/config/config-compose.ts';
import { toPlain } from '../../src/foundation/config/config-node.ts';
import { isAppError } from '../../src/foundation/core/errors.ts';

interface Case {
  tree: string;
  entry?: string;
  overrides: string[];
  environment?: Record<string, string>;
  config?: unknown;
  error?: string;
}
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./reference/${name}`, import.meta.url), 'utf8'));
const trees = ['', 'edge-'].reduce(
  (all, prefix) => Object.assign(all, (read(`${prefix}cases.json`) as { trees: typeof all }).trees),
  {} as Record<string, Record<string, string>>,
);
const cases = ['', 'edge-'].flatMap((prefix) => (read(`${prefix}compose.json`) as { cases: Case[] }).cases);
const { cases: own, files: ownFiles } = read('own-compose.json') as {
  cases: Omit<Case, 'tree'>[];
  files: Record<string, string>;
};
const packaged = fileURLToPath(new URL('../../configs', import.meta.url));

/** Cases with another result, and the reason of each. */
const differs: Readonly<Record<string, string>> = {
  'numbers/main: any=9007199254740993': 'integers that a number cannot hold exactly are refused',
  'basic/main: ~list.0': 'an item can be deleted; hydra-core ends in a TypeError',
  'basic/main: db=null': 'chooses nothing, as `db: null` in a defaults list does; hydra-core wants ~db',
  'nested/main: server=group':
    "# @package _group_ is the group's usual place, as in Hydra 1.0; 1.3 makes a key named _group_",
};

const nameOf = (c: Case): string => `${c.tree}/${c.entry ?? 'main'}: ${c.overrides.join(' ')}`;

describe('composition against hydra-core', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-compose-'));
    for (const [tree, files] of [...Object.entries(trees), ['own', ownFiles] as const]) {
      for (const [name, text] of Object.entries(files)) {
        const path = join(folder, tree, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const composeAt = (path: string, c: Omit<Case, 'tree'>): unknown =>
    toPlain(
      composeConfig({
        entry: c.entry ?? 'main',
        overrides: c.overrides,
        searchPath: [{ path, shownAs: 'configs', isOwn: false }],
        environment: c.environment ?? {},
      }).root,
    );

  const compose = (c: Case): unknown => composeAt(join(folder, c.tree), c);

  it.each(cases.filter((c) => differs[nameOf(c)] === undefined).map((c) => [nameOf(c), c] as const))(
    'agrees on %s',
    (_, c) => {
      expect(outcome(() => compose(c))).toEqual(c.error === undefined ? c.config : 'refused');
    },
  );

  it.each(own.map((c) => [`${c.entry} ${c.overrides.join(' ')}`, c] as const))(
    'agrees on the package’s own files: %s',
    (_, c) => {
      expect(outcome(() => composeAt(join(folder, 'own'), c))).toEqual(
        c.error === undefined ? c.config : 'refused',
      );
    },
  );
});

describe('the files in configs', () => {
  const names = readdirSync(packaged, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  );

  it('are those that hydra-core composed, or a note says which have changed since', () => {
    const changed = names.filter((name) => ownFiles[name] !== readFileSync(join(packaged, name), 'utf8'));
    if (changed.length > 0)
      console.log(`changed since hydra-core composed them (make-reference.py): ${changed.join(', ')}`);
    expect(Object.keys(ownFiles).length).toBeGreaterThan(30);
  });

  it.each(names)('%s is written so that hydra-core can read it', (name) => {
    const text = readFileSync(join(packaged, name), 'utf8');
    expect(text.search(/^# @package/m)).toBeLessThanOrEqual(0);
    expect(text).not.toMatch(/\$\{env:/);
    // YAML 1.1 reads these as booleans and numbers.
    expect(text).not.toMatch(/: (?:yes|no|on|off|y|n|0\d+|\d+:\d+|\d+_\d+)\s*(?:#|$)/im);
  });
});

function outcome(compose: () => unknown): unknown {
  try {
    return encode(compose());
  } catch (error) {
    if (isAppError(error)) return 'refused';
    throw error;
  }
}

/** Numbers that JSON cannot hold, as the reference writes them. */
function encode(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    return { $float: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' };
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)]));
}
