import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainGcs } from './gcs-errors.ts';
import { openRemote } from './open-remote.ts';

const request = { url: 'gs://bucket/folder', action: 'write', key: 'a' } as const;
const refusal = (code: number | undefined, message: string): Error =>
  Object.assign(new Error(message), { code });

describe('an error of Google Cloud Storage', () => {
  it.each([
    [
      403,
      'x@y does not have storage.objects.create access to the object.',
      'REMOTE_FORBIDDEN',
      'storage.objects.create',
    ],
    [401, 'Anonymous caller', 'REMOTE_CREDENTIALS', 'got none, or some that it does not know'],
    [404, 'The specified bucket does not exist.', 'REMOTE_NOT_FOUND', 'expected a bucket'],
    [503, 'Backend error', 'REMOTE_UNREACHABLE', 'it answers 503'],
    [429, 'Too many', 'REMOTE_UNREACHABLE', 'it answers 429'],
    [418, 'Teapot', 'REMOTE_ANSWER_INVALID', 'status 418, Error, Teapot'],
    [
      undefined,
      'Could not load the default credentials. Browse to …',
      'REMOTE_CREDENTIALS',
      'got none: neither',
    ],
    [
      undefined,
      'error:1E08010C:DECODER routines::unsupported',
      'REMOTE_CREDENTIALS',
      'incomplete or damaged',
    ],
    [undefined, 'invalid_grant: Invalid grant: account not found', 'REMOTE_CREDENTIALS', 'deleted, disabled'],
    [
      undefined,
      'invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      'REMOTE_CLOCK',
      'one that is minutes off',
    ],
  ])('%s "%s" is %s', (code, message, expected, words) => {
    expect(explainGcs(refusal(code, message), request)).toMatchObject({
      code: expected,
      message: expect.stringContaining(words),
    });
  });

  it('about a credentials file says which file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veracity-gcs-'));
    const credentialsFile = join(folder, 'key.json');
    const settings = { name: null, url: 'gs://bucket', credentialsFile };
    await expect(openRemote(settings)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    writeFileSync(credentialsFile, 'not JSON');
    await expect(openRemote(settings)).rejects.toMatchObject({
      code: 'REMOTE_CREDENTIALS',
      message: expect.stringContaining(`the file ${credentialsFile}, which is not JSON`),
    });
    writeFileSync(credentialsFile, JSON.stringify({ type: 'service_account', client_email: 'a@b' }));
    const remote = await openRemote(settings);
    await expect(remote.stat('a')).rejects.toMatchObject({ code: 'REMOTE_CREDENTIALS' });
    rmSync(folder, { recursive: true });
  });
});
