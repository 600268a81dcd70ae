// The configuration of a run as it is now: that of its head, with what resuming has changed since.
import { appError } from '../../foundation/core/index.ts';
import type { RunStore } from '../../keeping/runs/index.ts';
import { type TrainConfig, trainConfigSchema } from '../configuration/index.ts';

/** @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function loadRunConfiguration(runs: RunStore, id: string): Promise<TrainConfig> {
  const parsed = trainConfigSchema.safeParse(await loadStoredConfiguration(runs, id));
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0];
  throw appError('RECORD_INVALID', {
    path: (await runs.files(id)).folder,
    record: 'configuration',
    version: 1,
    problem: `${problem?.path.join('.')}: ${problem?.message}`,
  });
}

/** The same as it was written, perhaps by another version of this program. @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function loadStoredConfiguration(
  runs: RunStore,
  id: string,
): Promise<Readonly<Record<string, unknown>>> {
  let { config } = await runs.load(id);
  for (const event of await runs.loadEvents(id))
    if (event.type === 'started' && event.changed !== undefined) config = { ...config, ...event.changed };
  return config;
}
