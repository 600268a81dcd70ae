import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ENDPOINT, loadHubSettings } from './hub-settings.ts';

const cacheOf = (env: Record<string, string>): string => loadHubSettings({ HOME: '/h', ...env }).cacheFolder;

describe('the settings of the Hub', () => {
  it('are the defaults of Python if no variable is set, or if variables are empty', () => {
    for (const env of [{}, { HF_HOME: '', HF_ENDPOINT: '', HF_TOKEN: '', HF_HUB_OFFLINE: '' }])
      expect(loadHubSettings({ HOME: '/h', ...env })).toEqual({
        endpoint: DEFAULT_ENDPOINT,
        cacheFolder: '/h/.cache/huggingface/hub',
        token: undefined,
        isOffline: false,
        useSymlinks: true,
        metadataTimeoutMs: 10_000,
        downloadTimeoutMs: 10_000,
      });
    expect(loadHubSettings({ HF_TOKEN: 'x' }).cacheFolder).toContain(homedir());
  });

  it('find the cache by the most specific variable', () => {
    expect(cacheOf({ XDG_CACHE_HOME: '/x' })).toBe('/x/huggingface/hub');
    expect(cacheOf({ XDG_CACHE_HOME: '/x', HF_HOME: '~/hf' })).toBe('/h/hf/hub');
    expect(cacheOf({ HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old' })).toBe('/old');
    expect(cacheOf({ HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/new' })).toBe('/new');
  });

  it('accept what Python accepts as true', () => {
    for (const text of ['1', 'on', 'Yes', 'TRUE'])
      expect(loadHubSettings({ HF_HUB_OFFLINE: text }).isOffline).toBe(true);
    for (const text of ['0', 'false', 'no'])
      expect(loadHubSettings({ HF_HUB_OFFLINE: text }).isOffline).toBe(false);
    expect(loadHubSettings({ TRANSFORMERS_OFFLINE: '1' }).isOffline).toBe(true);
  });

  it('keep the path of an endpoint and refuse anything that is not an address', () => {
    expect(loadHubSettings({ HF_ENDPOINT: 'https://example.org/hub/' }).endpoint).toBe(
      'https://example.org/hub',
    );
    for (const text of ['example.org', 'file:///x', 'http://me:secret@example.org'])
      expect(() => loadHubSettings({ HF_ENDPOINT: text })).toThrow(
        expect.objectContaining({ code: 'USAGE' }),
      );
  });
});
