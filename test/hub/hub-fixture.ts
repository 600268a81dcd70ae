// Sets up tests of the Hub's client: an empty home, and loads without pauses between attempts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '../../src/foundation/core/errors.ts';
import {
  type CheckpointFolder,
  type CheckpointRequest,
  loadCheckpointFolder,
} from '../../src/learning/hub/index.ts';

export interface HubHome extends Disposable {
  readonly folder: string;
  /** The folder models--org--tiny in the cache. */
  readonly model: string;
  /** The lines for the user. */
  readonly said: string[];
  env(more?: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  load(endpoint: string, more?: Partial<CheckpointRequest>): Promise<CheckpointFolder>;
  /** Returns the error with which a load ends. */
  fail(endpoint: string, more?: Partial<CheckpointRequest>): Promise<AppError>;
}

export function createHubHome(): HubHome {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-hub-'));
  const said: string[] = [];
  const env = (more = {}): Readonly<Record<string, string>> => ({ HOME: folder, HF_HOME: folder, ...more });
  const load: HubHome['load'] = (endpoint, more = {}) =>
    loadCheckpointFolder({
      name: 'org/tiny',
      retryDelayMs: 1,
      say: (line) => said.push(line),
      ...more,
      env: env({ HF_ENDPOINT: endpoint, ...more.env }),
    });
  return {
    folder,
    model: join(folder, 'hub', 'models--org--tiny'),
    said,
    env,
    load,
    fail: async (endpoint, more) => {
      try {
        await load(endpoint, more);
      } catch (error) {
        return error as AppError;
      }
      throw new Error('expected the load to fail');
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
