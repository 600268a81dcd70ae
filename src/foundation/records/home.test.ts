import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { locateHome } from './home.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a home', () => {
  it('is where VERACITY_HOME says, with the registry where VERACITY_MODELS says', () => {
    vi.stubEnv('VERACITY_HOME', '/data');
    vi.stubEnv('VERACITY_MODELS', '/opt/models');
    expect(locateHome()).toMatchObject({ root: resolve('/data'), models: resolve('/opt/models') });
    vi.stubEnv('VERACITY_MODELS', '');
    expect(locateHome().models).toBe(resolve('/data/models'));
  });

  it('keeps its own registry when a program names the home', () => {
    vi.stubEnv('VERACITY_HOME', '/data');
    vi.stubEnv('VERACITY_MODELS', '/opt/models');
    expect(locateHome('/other').models).toBe(join(resolve('/other'), 'models'));
  });
});
