import { describe, expect, it } from 'vitest';
import { isPathInside, parseManifest } from './folder-manifest.ts';

describe('a path of a manifest', () => {
  it.each(['..\\up', 'a\\..\\..\\up', 'a/..\\up', '../up', 'a/../up', '..', '/a', 'a//b', './a', 'a\0b'])(
    'leaves the folder: %j',
    (relpath) => {
      expect(isPathInside(relpath)).toBe(false);
      const text = JSON.stringify([{ md5: '0'.repeat(32), relpath }]);
      expect(() => parseManifest(text, 'x.dir')).toThrow(
        expect.objectContaining({ code: 'CACHE_OBJECT_INVALID' }),
      );
    },
  );

  it.each(['a', 'a/b', 'a\\b', '..a', 'a..', 'a/..b/c..'])('stays in it: %j', (relpath) => {
    expect(isPathInside(relpath)).toBe(true);
  });
});
