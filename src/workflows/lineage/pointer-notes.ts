// Notes for raw files which pointer names them, and where their bytes lie in the remote of the repository.
import { relative } from 'node:path';
import { hideLogin, isAppError, resolveUserPath } from '../../foundation/core/index.ts';
import {
  type DataRepository,
  findPointers,
  isFolderData,
  isInside,
  objectKey,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { chooseRemote, openRepository } from '../versioning/index.ts';
import type { OriginGraph } from './origin-graph.ts';

/** Adds `pointer` and `object` to the raw files that a pointer of this repository names. */
export function notePointers(graph: OriginGraph, context: WorkflowContext): void {
  const repository = tryTo(() => openRepository(context));
  if (repository === null) return;
  const { data } = findPointers(repository.root);
  if (data.length === 0) return;
  const remote = tryTo(() => hideLogin(chooseRemote(repository, { name: null }, context).settings.url));
  for (const id of graph.list('file')) {
    const facts = graph.node(id)?.facts ?? {};
    const md5 = String(facts.md5 ?? '');
    const path =
      typeof facts.path === 'string' ? resolveUserPath(context.workingDirectory, facts.path) : null;
    const tracked = data.find((one) => one.md5 === md5) ?? data.find((one) => holds(one, path));
    if (tracked === undefined || md5 === '') continue;
    graph.addFacts(id, {
      pointer: describePointer(tracked, repository),
      ...(remote === null ? {} : { object: `${remote}/${objectKey(md5, tracked.hash)}` }),
    });
  }
}

/** Whether a folder that a pointer names has this file. */
function holds(tracked: TrackedData, path: string | null): boolean {
  return path !== null && isFolderData(tracked) && isInside(tracked.path, path);
}

function describePointer(tracked: TrackedData, { root }: DataRepository): string {
  const pointer = relative(root, tracked.pointer);
  const stage = tracked.stage === null ? '' : `, stage ${tracked.stage}`;
  return `${pointer}${stage}${isFolderData(tracked) ? ' (of its folder)' : ''}`;
}

/** Null where there is no repository, or no remote: lineage goes on without. */
function tryTo<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (!isAppError(error)) throw error;
    return null;
  }
}
