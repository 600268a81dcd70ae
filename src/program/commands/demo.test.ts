import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { demoCommand } from './demo.ts';

describe('demo', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-demo-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('reports a port in use before it trains', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const home = locateHome(join(folder, 'home'));
    const context = createQuietContext(home, folder);
    const options = { port: `${(other.address() as AddressInfo).port}` };
    try {
      await expect(demoCommand.run({ args: [], options }, context)).rejects.toMatchObject({
        code: 'PORT_IN_USE',
      });
      expect(existsSync(home.root)).toBe(false);
    } finally {
      other.close();
    }
  });
});
