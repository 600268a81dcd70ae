import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createKeyRing } from '../../serving/access/key-ring.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import type { Command } from './command.ts';
import { keysCreateCommand } from './keys-create.ts';
import { keysListCommand } from './keys-list.ts';
import { keysRevokeCommand } from './keys-revoke.ts';

let folder = '';
let context: WorkflowContext;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-keys-'));
  context = createQuietContext(locateHome(folder), folder);
});
afterEach(() => rmSync(folder, { recursive: true }));
const run = (command: Command, args: string[] = [], options: Record<string, string> = {}) =>
  command.run({ args, options }, context);

describe('veracity keys', () => {
  test('shows a new key once, and afterwards only its scopes', async () => {
    const created = await run(keysCreateCommand, ['desk'], { scope: 'predict, feedback' });
    const { id, secret } = created.json as { id: string; secret: string };
    expect(created.text.split('\n')[0]).toBe(secret);
    const listed = await run(keysListCommand);
    expect(listed.json).toMatchObject([
      { id, name: 'desk', scopes: ['predict', 'feedback'], revokedAt: null },
    ]);
    expect(JSON.stringify(listed)).not.toContain(secret.slice(12));
    expect(createKeyRing(context.home.keys).find(secret)?.id).toBe(id);
  });

  test('revokes by id or by the key itself, and does not print the key', async () => {
    const { json } = await run(keysCreateCommand);
    const { secret, id } = json as { id: string; secret: string };
    const revoked = await run(keysRevokeCommand, [secret]);
    expect(revoked.json).toMatchObject({ id, revokedAt: expect.any(String) });
    expect(JSON.stringify(revoked)).not.toContain(secret.slice(12));
    expect(createKeyRing(context.home.keys).find(secret)).toBeUndefined();
    await expect(run(keysRevokeCommand, ['0000'])).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
      exitCode: 2,
    });
  });

  test('refuses an unknown scope and too many arguments', async () => {
    await expect(run(keysCreateCommand, [], { scope: 'root' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(run(keysCreateCommand, ['a', 'b'])).rejects.toMatchObject({ code: 'USAGE' });
    await expect(run(keysRevokeCommand)).rejects.toMatchObject({ code: 'USAGE' });
    expect((await run(keysListCommand)).text).toContain('veracity keys create');
  });
});
