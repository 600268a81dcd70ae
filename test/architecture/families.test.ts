// Checks that only src/learning/models distinguishes model families: elsewhere no string of the code names one, and no file
// imports from a family's folder.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { listFamilies } from '../../src/learning/models/families.ts';
import { listStrings } from './source-exports.ts';
import { listImports, repositoryRoot } from './source-imports.ts';

const MODELS = 'learning/models/';
const families = listFamilies();
const NAMES = new Set(
  families.flatMap((family) => [
    family.name,
    ...family.choices.map(({ kind }) => kind),
    ...(family.form === 'encoder' ? family.modelTypes : []),
  ]),
);

/** Where a name may stand, and why. A path that ends in / is a folder. */
const ALLOWED: readonly {
  readonly place: string;
  readonly names: readonly string[];
  readonly reason: string;
}[] = [
  { place: 'program/commands/', names: ['compact', 'linear'], reason: 'what users type' },
  { place: 'learning/train/create-learner.ts', names: ['compact'], reason: 'a hint of what users type' },
  { place: 'serving/routes/', names: ['compact'], reason: 'examples in the API’s description' },
  { place: 'serving/studio/', names: ['compact'], reason: 'examples in the API’s description' },
  { place: 'foundation/records/', names: ['compact', 'modernbert'], reason: 'the example records' },
  {
    place: 'foundation/records/model-folder.ts',
    names: ['linear'],
    reason: 'the family of version 1 that counted features',
  },
  {
    place: 'text/tokenize/tokenizer-classes.ts',
    names: ['roberta'],
    reason: 'tokenizer classes of tokenizer_config.json, which are no families',
  },
  {
    place: 'workflows/configuration/train-schema.ts',
    names: ['linear'],
    reason: 'a learning rate that falls in a line',
  },
  { place: 'foundation/html/plot.ts', names: ['linear'], reason: 'the scale of an axis' },
  { place: 'judging/evaluate/html/style.ts', names: ['linear'], reason: 'a gradient of CSS' },
  {
    place: 'engine/',
    names: ['linear'],
    reason: 'the operator Linear; a learning rate that falls in a line',
  },
];

const NAME = new RegExp(`(?<![a-z])(${[...NAMES].join('|')})(?![a-z])`, 'gi');
const found = listStrings()
  .filter(({ file }) => !file.startsWith(MODELS))
  .flatMap(({ file, strings }) =>
    strings.flatMap((text) => (text.match(NAME) ?? []).map((name) => ({ file, name: name.toLowerCase() }))),
  );

describe('a family of models', () => {
  const isAt = (place: string, file: string): boolean =>
    place.endsWith('/') ? file.startsWith(place) : file === place;

  it('is named in no string, template or pattern outside learning/models, but where the list says why', () => {
    const isAllowed = ({ file, name }: { file: string; name: string }): boolean =>
      ALLOWED.some(({ place, names }) => isAt(place, file) && names.includes(name));
    expect(found.filter((one) => !isAllowed(one))).toEqual([]);
  });

  it('is on no line of that list that is not needed', () => {
    const needless = ALLOWED.flatMap(({ place, names }) => names.map((name) => ({ place, name }))).filter(
      ({ place, name }) => !found.some((one) => isAt(place, one.file) && name === one.name),
    );
    expect(needless).toEqual([]);
  });

  it('has a folder that nothing outside learning/models imports', () => {
    const folders = readdirSync(join(repositoryRoot, 'src', MODELS), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(folders).toEqual(expect.arrayContaining(families.map(({ name }) => name)));
    const past = listImports().filter(
      ({ from, to, isTest }) =>
        !isTest && !from.startsWith(MODELS) && folders.some((folder) => to.startsWith(`${MODELS}${folder}/`)),
    );
    expect(past.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('has a file in configs/model for each of its choices', () => {
    const files = readdirSync(join(repositoryRoot, 'configs', 'model'));
    const kinds = families.flatMap(({ choices }) => choices.map(({ kind }) => `${kind}.yaml`));
    expect(files.toSorted()).toEqual(kinds.toSorted());
  });

  it('has the traits that records of version 1 get when they are read', () => {
    for (const { name, traits } of families)
      expect(modelFolderRecord.migrate?.({ schemaVersion: 1, family: name })).toMatchObject({ traits });
  });
});
