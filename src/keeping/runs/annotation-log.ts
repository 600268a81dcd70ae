// annotations.jsonl of a run: tags, note, artifacts and requests to stop. Any process may append to it.
import type { Artifact, RunAnnotation } from '../../foundation/records/index.ts';

export interface Annotations {
  /** Sorted. */
  readonly tags: readonly string[];
  readonly note: string | null;
  readonly artifacts: readonly Artifact[];
  /** Since a process last took the run over. */
  readonly isStopRequested: boolean;
}

export function foldAnnotations(lines: readonly RunAnnotation[]): Annotations {
  const tags = new Set<string>();
  const artifacts = new Map<string, Artifact>();
  let note: string | null = null;
  let isStopRequested = false;
  for (const line of lines) {
    switch (line.type) {
      case 'tags':
        for (const tag of line.add) tags.add(tag);
        for (const tag of line.remove) tags.delete(tag);
        break;
      case 'note':
        note = line.text;
        break;
      case 'artifact':
        artifacts.set(line.artifact.name, line.artifact);
        break;
      case 'stop-requested':
        isStopRequested = true;
        break;
      case 'claimed':
        isStopRequested = false;
        break;
    }
  }
  return { tags: [...tags].sort(), note, artifacts: [...artifacts.values()], isStopRequested };
}
