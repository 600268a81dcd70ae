// The configuration of a run as it is now: that of its head, with what resuming has changed since.
import { appError } from '../../foundation/core/index.ts';
import type { RunStore } from '../../keeping/runs/index.ts';
import { type TrainConfig, trainConfigSchema } from '../configuration/index.ts';

/** @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function loadRunConfiguration(runs: RunStore, id: string): Promise<TrainConfig> {
  const run = await runs.load(id);
  let config: unknown = run.config;
  for (const event of await runs.loadEvents(id))
    if (event.type === 'started' && event.changed !== undefined)
      config = { ...(config as object), ...event.changed };
  const parsed = trainConfigSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0];
  throw appError('RECORD_INVALID', {
    path: (await runs.files(id)).folder,
    record: 'configuration',
    version: run.schemaVersion,
    problem: `${problem?.path.join('.')}: ${problem?.message}`,
  });
}
