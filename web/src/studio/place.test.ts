import { describe, expect, it } from 'vitest';
import { changeQuery } from './place.ts';

describe('a change of the query', () => {
  const runs = { section: 'runs' } as const;

  it('keeps what the address says by now', () => {
    expect(changeQuery('#/studio/runs?runs=a,b&x=epoch', runs, { smooth: '60' })).toEqual({
      section: 'runs',
      query: { runs: 'a,b', x: 'epoch', smooth: '60' },
    });
  });

  it.each([
    ['another section', '#/studio/registry', runs],
    ['one run instead of the list', '#/studio/runs/run-1', runs],
    ['another run', '#/studio/runs/run-2', { section: 'runs', id: 'run-1' } as const],
    ['another view of the page', '#/check', runs],
    ['an anchor', '#text', runs],
  ])('does not lead back from %s', (_, hash, own) => {
    expect(changeQuery(hash, own, { smooth: '60' })).toBeNull();
  });
});
