// What `data add` and `data commit` print: the pointers, and what goes into Git.
import type { RecordingAnswer } from '../../workflows/versioning/index.ts';
import type { CommandResult } from './command.ts';
import { formatSize } from './removal-output.ts';

/** @param verb  what was done: added, committed */
export function formatRecording({ recorded, forGit }: RecordingAnswer, verb: string): CommandResult {
  const lines = recorded.map(({ path, sizeBytes, files, changed }) => {
    const size = `${files === null ? '' : `${files} ${files === 1 ? 'file' : 'files'}, `}${formatSize(sizeBytes)}`;
    return changed ? `${verb} ${path} (${size})` : `${path} is unchanged (${size})`;
  });
  const advice =
    forGit.length === 0 ? [] : ['', `put the pointers into Git: git add ${forGit.map(quote).join(' ')}`];
  return {
    json: { data: recorded, forGit },
    text: [
      ...(lines.length === 0 ? ['no data with pointers yet; add some with: veracity data add'] : lines),
      ...advice,
    ].join('\n'),
  };
}

function quote(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
