// Checks that only src/learning/models distinguishes model families: elsewhere no string of the code names one, and no file
// imports from a family's folder.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { listFamilies } from '../../src/learning/models/families.ts';
import { listImports, listSourceFiles, repositoryRoot } from './source-imports.ts';

const MODELS = 'learning/models/';
const families = listFamilies();
const NAMES = new Set(
  families.flatMap((family) => [
    family.name,
    ...family.choices.map(({ kind }) => kind),
    ...(family.form === 'encoder' ? family.modelTypes : []),
  ]),
);

/** Where a name may stand, and why. */
const ALLOWED: readonly {
  readonly file: string;
  readonly names: readonly string[];
  readonly reason: string;
}[] = [
  {
    file: 'foundation/records/model-folder.ts',
    names: ['modernbert', 'compact'],
    reason: 'the example record',
  },
  {
    file: 'foundation/records/model-folder.ts',
    names: ['linear'],
    reason: 'the family of version 1 that counted features',
  },
  { file: 'foundation/records/model-version.ts', names: ['compact'], reason: 'the example record' },
  { file: 'foundation/records/run.ts', names: ['compact'], reason: 'the example record' },
  { file: 'serving/routes/model.ts', names: ['compact'], reason: 'an example in the API’s description' },
  {
    file: 'serving/routes/open-inference.ts',
    names: ['compact'],
    reason: 'an example in the API’s description',
  },
  { file: 'engine/optim/schedule.ts', names: ['linear'], reason: 'a learning rate that falls in a line' },
  {
    file: 'workflows/configuration/train-schema.ts',
    names: ['linear'],
    reason: 'a learning rate that falls in a line',
  },
  { file: 'foundation/html/plot.ts', names: ['linear'], reason: 'the scale of an axis' },
];

const outside = listSourceFiles().filter((file) => !file.startsWith(MODELS) && !file.endsWith('.test.ts'));
const found = outside.flatMap((file) =>
  listLiterals(readFileSync(join(repositoryRoot, 'src', file), 'utf8'))
    .filter((text) => NAMES.has(text))
    .map((name) => ({ file, name })),
);

describe('a family of models', () => {
  it('is named in no literal outside learning/models, except where the list gives a reason', () => {
    const isAllowed = ({ file, name }: { file: string; name: string }): boolean =>
      ALLOWED.some((place) => place.file === file && place.names.includes(name));
    expect(found.filter((place) => !isAllowed(place))).toEqual([]);
  });

  it('is on that list only where it is needed', () => {
    const needless = ALLOWED.flatMap(({ file, names }) => names.map((name) => ({ file, name }))).filter(
      (place) => !found.some(({ file, name }) => file === place.file && name === place.name),
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

/** The texts of single-quoted literals outside comments. */
function listLiterals(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, '');
  return [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'/g)].map((match) => match[1]!);
}
