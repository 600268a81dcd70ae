import { describe, expect, test } from 'vitest';
import type { Registry, StageView } from '../../keeping/registry/registry.ts';
import { findFollowedStage, followRegistry } from './registry-follower.ts';

function follow(
  views: Record<string, Partial<StageView>>,
  options: {
    reference?: string | null;
    canary?: { model: string | null } | null;
    shadow?: string | null;
  } = {},
) {
  const empty: StageView = { production: null, staging: null, newest: null, changes: 0 };
  const registry = { viewStages: (name: string) => ({ ...empty, ...views[name] }) } as Registry;
  const { reference = null, canary = null, shadow = null } = options;
  return followRegistry(registry, { serving: 'compact@2', reference, canary, shadow });
}

describe('findFollowedStage', () => {
  test.each([
    [null, 'production'],
    ['compact', 'production'],
    ['compact@production', 'production'],
    ['compact@staging', 'staging'],
    ['compact@2', null],
    ['compact@latest', null],
  ])('of serve.model=%s is %s', (reference, stage) => {
    expect(findFollowedStage({ serving: 'compact@2', reference })).toBe(stage);
  });

  test('is null for a folder or a run', () => {
    expect(findFollowedStage({ serving: null, reference: './model' })).toBeNull();
  });
});

describe('followRegistry', () => {
  test('wants the version in production, of the served model only', () => {
    const views = {
      compact: { production: 3, newest: 5, changes: 2 },
      linear: { production: 9, changes: 9 },
    };
    expect(follow(views)('compact@2')).toEqual({
      live: 'compact@3',
      canary: null,
      shadow: null,
      changes: 2,
      canaryChanges: 0,
    });
  });

  test('keeps a pinned version, and any version while none is in production', () => {
    expect(follow({ compact: { production: 3 } }, { reference: 'compact@2' })('compact@2').live).toBeNull();
    expect(follow({ compact: { newest: 3 } })('compact@2').live).toBeNull();
  });

  test('tries out the version in staging, else the newest after the one in production', () => {
    const canary = { model: null };
    const candidate = (view: Partial<StageView>): string | null =>
      follow({ compact: view }, { canary })('compact@2').canary;
    expect(candidate({ production: 2, staging: 4, newest: 5 })).toBe('compact@4');
    expect(candidate({ production: 2, newest: 5 })).toBe('compact@5');
    expect(candidate({ production: 2, staging: 2, newest: 3 })).toBe('compact@3');
    expect(candidate({ production: 2, newest: 2 })).toBeNull();
    expect(candidate({ production: 5, newest: 5 })).toBeNull();
  });

  test('tries out and shadows the named versions, and counts the changes of their models too', () => {
    const views = { compact: { production: 2, changes: 1 }, big: { staging: 7, changes: 4 } };
    const options = { canary: { model: 'big@staging' }, shadow: 'big@3' };
    expect(follow(views, options)('compact@2')).toMatchObject({
      canary: 'big@7',
      shadow: 'big@3',
      changes: 5,
      canaryChanges: 4,
    });
    expect(follow(views, { canary: { model: 'compact@2' } })('compact@2').canary).toBeNull();
  });
});
