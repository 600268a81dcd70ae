// Compares composition with hydra-core: every tree and override list in reference/compose.json composes to the same
// result, and whatever hydra-core refuses is refused with an error of the catalogue.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
const { trees } = read('cases.json') as { trees: Record<string, Record<string, string>> };
const { cases } = read('compose.json') as { cases: Case[] };

/** Cases with another result, and the reason of each. */
const differs: Readonly<Record<string, string>> = {
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
    for (const [tree, files] of Object.entries(trees)) {
      for (const [name, text] of Object.entries(files)) {
        const path = join(folder, tree, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const compose = (c: Case): unknown =>
    toPlain(
      composeConfig({
        entry: c.entry ?? 'main',
        overrides: c.overrides,
        searchPath: [{ path: join(folder, c.tree), shownAs: 'configs', isOwn: false }],
        environment: c.environment ?? {},
      }).root,
    );

  it.each(cases.filter((c) => differs[nameOf(c)] === undefined).map((c) => [nameOf(c), c] as const))(
    'agrees on %s',
    (_, c) => {
      if (c.error === undefined) expect(compose(c)).toEqual(c.config);
      else {
        let thrown: unknown;
        try {
          thrown = { composed: compose(c) };
        } catch (error) {
          thrown = error;
        }
        expect(isAppError(thrown) ? 'refused' : thrown).toBe('refused');
      }
    },
  );
});
