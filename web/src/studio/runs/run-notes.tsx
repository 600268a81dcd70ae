// The tags and the note of a run, with a form to change them.
import { useState } from 'preact/hooks';
import type { RunFacts } from '../../../../src/client/studio-types.ts';
import type { FailureFacts } from '../../api.ts';
import { asFailure } from '../../loading.ts';
import { FailureNote } from '../../page-frame.tsx';
import { setNote, setTags } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';

export function RunNotes({ run, onChanged }: { readonly run: RunFacts; readonly onChanged: () => void }) {
  const [isOpen, setIsOpen] = useState(false);
  return isOpen ? (
    <NotesForm
      run={run}
      onClose={(isChanged) => {
        setIsOpen(false);
        if (isChanged) onChanged();
      }}
    />
  ) : (
    <div class="run-notes">
      {run.tags.length === 0 ? (
        <span class="fine">{studioStrings.noTags}</span>
      ) : (
        <ul class="tags">
          {run.tags.map((tag) => (
            <li key={tag} class="tag">
              {tag}
            </li>
          ))}
        </ul>
      )}
      <p class={run.note === null ? 'fine' : ''}>{run.note ?? studioStrings.noNote}</p>
      <button type="button" class="small" onClick={() => setIsOpen(true)}>
        {studioStrings.edit}
      </button>
    </div>
  );
}

function NotesForm({
  run,
  onClose,
}: {
  readonly run: RunFacts;
  readonly onClose: (isChanged: boolean) => void;
}) {
  const [tags, setTagText] = useState(run.tags.join(', '));
  const [note, setNoteText] = useState(run.note ?? '');
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<FailureFacts | null>(null);
  const save = async (): Promise<void> => {
    const { add, remove } = compareTags(run.tags, tags);
    if (add.length + remove.length > 0) await setTags(run.id, { add, remove });
    const text = note.trim() === '' ? null : note.trim();
    if (text !== run.note) await setNote(run.id, text);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isBusy) return;
    setIsBusy(true);
    save().then(
      () => onClose(true),
      (error: unknown) => {
        setIsBusy(false);
        setFailure(asFailure(error));
      },
    );
  };
  return (
    <form class="run-notes-form" onSubmit={submit}>
      <label for="run-tags">{studioStrings.tagsLabel}</label>
      <input
        id="run-tags"
        type="text"
        autoComplete="off"
        value={tags}
        onInput={(event) => setTagText(event.currentTarget.value)}
      />
      <label for="run-note">{studioStrings.noteLabel}</label>
      <textarea
        id="run-note"
        rows={3}
        value={note}
        onInput={(event) => setNoteText(event.currentTarget.value)}
      />
      {failure !== null && (
        <div role="alert">
          <FailureNote failure={failure} onRetry={() => setFailure(null)} />
        </div>
      )}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={isBusy}>
          {isBusy ? studioStrings.saving : studioStrings.save}
        </button>
        <button type="button" class="quiet" onClick={() => onClose(false)}>
          {studioStrings.cancel}
        </button>
      </div>
    </form>
  );
}

/** Which tags a text adds to those of a run, and which it removes. */
export function compareTags(
  before: readonly string[],
  text: string,
): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  const after = [
    ...new Set(
      text
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    ),
  ];
  return {
    add: after.filter((tag) => !before.includes(tag)),
    remove: before.filter((tag) => !after.includes(tag)),
  };
}
