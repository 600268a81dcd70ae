import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../foundation/core/index.ts';
import { openRemote } from './open-remote.ts';
import type { RemoteSettings } from './remote.ts';

const openRefused = async (url: string, more: Partial<RemoteSettings> = {}): Promise<string> => {
  const error: unknown = await openRemote({ name: null, url, ...more }).catch((thrown: unknown) => thrown);
  if (!isAppError(error)) throw new Error(`${url} is opened`);
  return `${error.code} ${error.message} ${error.hint} ${JSON.stringify(error.details)}`;
};

describe('an address that cannot be opened', () => {
  it.each([
    's3://KEY:SEC/RET@bucket/folder',
    's3://KEY:SECRET@bucket',
    'gs://SECRET@bucket',
    'ssh://user:SECRET@host/folder',
    'webdavs://user:SECRET@host',
    'azure://container?sig=SECRET',
    'https://user:SECRET@host:badport',
    'https://host:badport/folder?sig=SECRET',
  ])('is shown without its secret: %s', async (url) => {
    const said = await openRefused(url);
    expect(said).toMatch(/^REMOTE_UNSUPPORTED /);
    expect(said).not.toMatch(/SEC|RET|KEY|user/);
    expect(said).toContain(url.slice(0, url.indexOf('://') + 3));
  });

  it('is shown without its secret where its credentials file is missing', async () => {
    const credentialsFile = join(import.meta.dirname, 'none.json');
    for (const scheme of ['s3', 'gs'])
      expect(await openRefused(`${scheme}://bucket/folder?sig=SECRET`, { credentialsFile })).not.toContain(
        'SECRET',
      );
  });
});
