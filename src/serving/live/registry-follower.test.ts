import { describe, expect, test } from 'vitest';
import type { ModelRegistry, StageView } from '../../keeping/registry/model-registry.ts';
import { chooseProduction, type ProductionChoice } from '../../keeping/registry/production-choice.ts';
import { findFollowedStage, followRegistry } from './registry-follower.ts';

function follow(
  views: Record<string, Partial<StageView>>,
  options: {
    reference?: string | null;
    canary?: { model: string | null } | null;
    shadow?: string | null;
    preferred?: string;
  } = {},
) {
  const empty: StageView = { production: null, staging: null, newest: null, changes: 0 };
  const viewStages = async (name: string): Promise<StageView> => ({ ...empty, ...views[name] });
  const viewProduction = async (): Promise<ProductionChoice> => {
    const inProduction = Object.entries(views).flatMap(([name, { production = null }]) =>
      production === null ? [] : [{ name, version: production }],
    );
    const changes = Object.values(views).reduce((sum, view) => sum + (view.changes ?? 0), 0);
    return { ...chooseProduction(inProduction, options.preferred ?? null), changes };
  };
  const registry = { viewStages, viewProduction } as ModelRegistry;
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
  test('wants the version in production of the named model only', async () => {
    const views = {
      compact: { production: 3, newest: 5, changes: 2 },
      linear: { production: 9, changes: 9 },
    };
    expect(await follow(views, { reference: 'compact' })('compact@2')).toEqual({
      live: 'compact@3',
      canary: null,
      shadow: null,
      changes: 2,
      canaryChanges: 0,
    });
  });

  test('without a name, wants the default of several names in production, and else keeps what it has', async () => {
    const views = {
      compact: { production: 3, changes: 2 },
      linear: { production: 9, staging: 4, changes: 9 },
    };
    expect((await follow(views)('compact@2')).live).toBeNull();
    expect((await follow(views, { preferred: 'compact' })('compact@2')).live).toBe('compact@3');
    expect(await follow(views, { preferred: 'linear', canary: { model: null } })('compact@2')).toMatchObject({
      live: 'linear@9',
      canary: 'linear@4',
      changes: 11,
    });
    expect((await follow({ linear: { production: 1 } })('compact@2')).live).toBe('linear@1');
  });

  test('keeps a pinned version, and any version while none is in production', async () => {
    const pinned = follow({ compact: { production: 3 } }, { reference: 'compact@2' });
    expect((await pinned('compact@2')).live).toBeNull();
    expect((await follow({ compact: { newest: 3 } })('compact@2')).live).toBeNull();
  });

  test('tries out the version in staging, else the newest after the one in production', async () => {
    const canary = { model: null };
    const candidate = async (view: Partial<StageView>): Promise<string | null> =>
      (await follow({ compact: view }, { canary })('compact@2')).canary;
    expect(await candidate({ production: 2, staging: 4, newest: 5 })).toBe('compact@4');
    expect(await candidate({ production: 2, newest: 5 })).toBe('compact@5');
    expect(await candidate({ production: 2, staging: 2, newest: 3 })).toBe('compact@3');
    expect(await candidate({ production: 2, newest: 2 })).toBeNull();
    expect(await candidate({ production: 5, newest: 5 })).toBeNull();
  });

  test('tries out and shadows the named versions, and counts the changes of their models too', async () => {
    const views = { compact: { production: 2, changes: 1 }, big: { staging: 7, changes: 4 } };
    const options = { canary: { model: 'big@staging' }, shadow: 'big@3' };
    expect(await follow(views, options)('compact@2')).toMatchObject({
      canary: 'big@7',
      shadow: 'big@3',
      changes: 5,
      canaryChanges: 4,
    });
    const same = follow(views, { canary: { model: 'compact@2' } });
    expect((await same('compact@2')).canary).toBeNull();
  });
});
