// A dialog that asks before something is done, with fields if it needs them. The browser keeps the focus inside.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FailureFacts } from '../api.ts';
import { asFailure } from '../loading.ts';
import { FailureNote } from '../page-frame.tsx';
import { studioStrings } from './studio-strings.ts';

export interface ConfirmDialogProps {
  readonly heading: string;
  readonly text: string;
  readonly confirm: string;
  /** A failure stays in the dialog. @throws RequestFailure */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  /** Fields; a form of the dialog checks what they require. */
  readonly children?: ComponentChildren;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { heading, text, confirm, onConfirm, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<FailureFacts | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const run = (): void => {
    if (isBusy) return;
    setIsBusy(true);
    setFailure(null);
    onConfirm().then(onClose, (error: unknown) => {
      setIsBusy(false);
      setFailure(asFailure(error));
    });
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="dialog-heading" onClose={onClose}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <h2 id="dialog-heading">{heading}</h2>
        <p>{text}</p>
        {children}
        {failure !== null && (
          <div role="alert" class="dialog-failure">
            <FailureNote failure={failure} onRetry={run} />
          </div>
        )}
        <div class="actions">
          <button type="submit" class="primary" aria-disabled={isBusy}>
            {confirm}
          </button>
          <button type="button" class="quiet" onClick={onClose}>
            {studioStrings.cancel}
          </button>
        </div>
      </form>
    </dialog>
  );
}
