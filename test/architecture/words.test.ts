// Checks the names and words of src/: exported names are unique, functions are short, and words are terms of the field.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listExports, listFunctions, listTexts } from './source-exports.ts';
import { repositoryRoot } from './source-imports.ts';

describe('exported names', () => {
  it('are used for one thing each', () => {
    const files = new Map<string, Set<string>>();
    for (const { name, file } of listExports()) files.set(name, (files.get(name) ?? new Set()).add(file));
    const shared = [...files].filter(([, places]) => places.size > 1);
    expect(shared.map(([name, places]) => `${name}: ${[...places].join(', ')}`)).toEqual([]);
  });
});

describe('functions and methods', () => {
  it('have at most 80 lines, or a comment that says why they have more', () => {
    const long = listFunctions().filter(({ lines, hasReason }) => lines > 80 && !hasReason);
    expect(long.map(({ file, name, lines }) => `${file} ${name}: ${lines}`)).toEqual([]);
  });
});

describe('words', () => {
  /** Private words of earlier versions, and the field's word for each. */
  const PRIVATE: readonly (readonly [RegExp, string])[] = [
    [/^judg(?!ing$)/i, 'prediction'],
    [/verdict/i, 'prediction'],
    [/familiar/i, 'out-of-distribution'],
    [/^asker/i, 'client'],
  ];
  /** Fields of HTTP responses and of files, whose names stay. */
  const OUTSIDE = new Set([
    'client/types.ts: judged',
    'serving/routes/predict-upload.ts: judged',
    'foundation/records/model-folder.ts: familiarity',
  ]);

  it('in identifiers and comments are those of the glossary', () => {
    const found = listTexts().flatMap(({ file, comments, identifiers }) => {
      const words = [...identifiers, ...comments.flatMap((comment) => comment.match(/[a-z]+/gi) ?? [])];
      return PRIVATE.flatMap(([pattern, term]) =>
        words
          .filter((word) => pattern.test(word) && !OUTSIDE.has(`${file}: ${word}`))
          .map((word) => `${file}: ${word}, better ${term}`),
      );
    });
    expect([...new Set(found)]).toEqual([]);
  });

  it('in comments name only documents of this repository', () => {
    const exists = (name: string): boolean =>
      ['', 'docs/', 'docs/how-to/'].some((folder) => existsSync(join(repositoryRoot, folder, name)));
    const missing = listTexts().flatMap(({ file, comments }) =>
      comments
        .flatMap((comment) => comment.match(/[\w/.-]+\.md\b/g) ?? [])
        .filter((name) => (!name.includes('/') || name.startsWith('docs/')) && !exists(name))
        .map((name) => `${file}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});
