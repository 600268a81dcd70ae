import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAllowedSecrets } from './allowed-secrets.ts';
import { assertNoSecrets } from './assert-no-secrets.ts';

const SECRET = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-secrets-'));
  writeFileSync(join(folder, 'a.csv'), `title\n${SECRET}\nplain\n${SECRET}\n`);
  writeFileSync(join(folder, 'b.csv'), 'nothing here\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const check = (flags: string[] = []) => {
  const files = ['a.csv', 'b.csv'].map((name) => ({ path: join(folder, name), name: `data/${name}` }));
  return assertNoSecrets(files, { action: 'push', allowed: readAllowedSecrets(folder, flags) });
};

describe('assertNoSecrets', () => {
  it('refuses with file and line of each place, and never shows the secret', async () => {
    const error = await check().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({
      code: 'SECRET_FOUND',
      exitCode: 1,
      message:
        'data/a.csv:2: expected no secrets in what you push, got what looks like a GitHub token (and 1 more place)',
      issues: [
        { path: 'data/a.csv:2', code: 'github-token' },
        { path: 'data/a.csv:4', code: 'github-token' },
      ],
    });
    expect(
      JSON.stringify([error, (error as Error).message, (error as { hint?: string }).hint]),
    ).not.toContain(SECRET.slice(4, 12));
  });

  it('has an issue for every place, also beyond those that a text shows', async () => {
    writeFileSync(join(folder, 'a.csv'), `title\n${`${SECRET}\n`.repeat(57)}`);
    const error = await check().catch((thrown: unknown) => thrown as { issues: unknown[] });
    expect((error as { issues: unknown[] }).issues).toHaveLength(57);
  });

  it('passes places that a flag or the list of the folder allows', async () => {
    await expect(check(['data/a.csv:2'])).rejects.toMatchObject({
      message: expect.stringContaining('data/a.csv:4'),
    });
    await check(['data/a.csv:2', './data/a.csv:4']);
    await check(['data/a.csv']);
    writeFileSync(
      join(folder, '.allowed-secrets'),
      '# reviewed\n\ndata/a.csv:2  # an example\ndata/a.csv:4\n',
    );
    await check();
  });

  it.each(['', 'data/a.csv:0'])('refuses --allow-secret "%s"', (flag) => {
    expect(() => readAllowedSecrets(folder, [flag])).toThrow(
      expect.objectContaining({ code: 'SECRET_PLACE_INVALID' }),
    );
  });
});
