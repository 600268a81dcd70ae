// Tests a disk that fills up while a checkpoint is written, simulated by a file size limit of a real child process.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openCheckpoints } from '../../src/learning/train/training-checkpoints.ts';
import { continueCounting } from './counting-run.ts';

const child = fileURLToPath(new URL('full-disk-child.ts', import.meta.url));

it.skipIf(process.platform === 'win32')(
  'says DISK_FULL and leaves the previous checkpoint intact',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veracity-full-'));
    try {
      await continueCounting(folder, 3);
      const limit = 'ulimit -f 64; exec "$@"'; // 64 blocks of 512 or 1024 bytes: far less than the state
      const code = execFileSync(
        'sh',
        ['-c', limit, 'sh', process.execPath, '--import', 'tsx', child, folder],
        {
          encoding: 'utf8',
          env: { ...process.env, TSX_DISABLE_CACHE: '1' },
        },
      );
      expect(code).toBe('DISK_FULL');
      expect(readdirSync(folder)).toEqual(['step-000003']);
      expect((await openCheckpoints(folder).loadNewest(() => {}))?.record.step).toBe(3);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
