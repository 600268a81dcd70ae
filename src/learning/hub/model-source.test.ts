import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseModelSource } from './model-source.ts';

describe('a model source', () => {
  it.each(['.', './models/tiny', '../tiny', '/models/tiny', 'src', 'src/learning'])(
    'is a folder: %s',
    (path) => {
      expect(parseModelSource(path)).toEqual({ kind: 'folder', path });
    },
  );

  it('expands the home folder', () => {
    expect(parseModelSource('~/tiny')).toEqual({ kind: 'folder', path: `${homedir()}/tiny` });
  });

  it.each(['distilbert-base-uncased', 'org/name', 'Foo-BAR_foo.bar123', 'a', '123'])(
    'is a model of the Hub: %s',
    (name) => {
      expect(parseModelSource(name)).toEqual({ kind: 'hub', name });
    },
  );

  it.each([
    '',
    'a/b/c',
    'two words',
    'foo--bar',
    'a..b',
    'foo.git',
    'foo-',
    '-foo',
    'org/',
    'C:\\x',
    'x'.repeat(97),
  ])('is neither: %s', (path) => {
    expect(() => parseModelSource(path)).toThrow(expect.objectContaining({ code: 'MODEL_SOURCE_INVALID' }));
  });
});
