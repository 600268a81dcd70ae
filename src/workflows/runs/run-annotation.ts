// Tags and notes: what people add to a run after the fact, also while it is training.
import type { TagChange } from '../../keeping/runs/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface TaggedRun {
  readonly id: string;
  readonly tags: readonly string[];
}

/** Adds and removes tags; changes none if one of the runs does not exist. @throws RUN_NOT_FOUND */
export async function tagRuns(
  ids: readonly string[],
  change: TagChange,
  { stores: { runs } }: WorkflowContext,
): Promise<TaggedRun[]> {
  for (const id of ids) await runs.status(id);
  for (const id of ids) await runs.setTags(id, change);
  return Promise.all(ids.map(async (id) => ({ id, tags: (await runs.summarize(id)).tags })));
}

/** Replaces the note of a run; null removes it. @throws RUN_NOT_FOUND */
export async function noteRun(
  id: string,
  text: string | null,
  { stores: { runs } }: WorkflowContext,
): Promise<void> {
  await runs.setNote(id, text);
}
