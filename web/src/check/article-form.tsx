// The form for title and text. It is submitted by its button, by Enter in the title, or by Ctrl or Cmd with Enter.
import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Article } from '../api.ts';
import { countWords } from '../numbers.ts';
import { strings } from '../strings.ts';

export interface ArticleFormProps {
  readonly formRef: RefObject<HTMLFormElement | null>;
  readonly draft: Article;
  readonly checking: boolean;
  /** The parts that the model was trained with; the form shows another one only if it has a text. */
  readonly parts: { readonly title: boolean; readonly text: boolean };
  /** True if the response takes so long that the form should say so. */
  readonly slow: boolean;
  /** Language of the model's texts, for spelling and reading aloud; empty: unknown. */
  readonly language: string;
  readonly onChange: (article: Article) => void;
  readonly onCheck: () => void;
  readonly onCancel: () => void;
  readonly onClear: () => void;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export function ArticleForm(props: ArticleFormProps) {
  const { formRef, draft, checking, parts, slow, language, onChange, onCheck, onCancel, onClear } = props;
  const [asked, setAsked] = useState(false);
  const title = useRef<HTMLInputElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const isEmpty = draft.title.trim() === '' && draft.text.trim() === '';
  const missing = asked && isEmpty;

  const submit = (event: Event): void => {
    event.preventDefault();
    setAsked(true);
    if (isEmpty) (text.current ?? title.current)?.focus();
    else onCheck();
  };
  const clear = (): void => {
    setAsked(false);
    onClear();
    (title.current ?? text.current)?.focus();
  };

  return (
    <form
      id="article"
      ref={formRef}
      class="article"
      noValidate
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) submit(event);
      }}
    >
      {(parts.title || draft.title !== '') && (
        <div class="field">
          <label for="title">{strings.titleLabel}</label>
          <input
            id="title"
            ref={title}
            type="text"
            lang={language}
            dir="auto"
            autoComplete="off"
            placeholder={strings.titleHint}
            value={draft.title}
            onInput={(event) => onChange({ ...draft, title: event.currentTarget.value })}
          />
        </div>
      )}
      {(parts.text || draft.text !== '') && (
        <div class="field grows">
          <label for="text">{strings.textLabel}</label>
          <textarea
            id="text"
            ref={text}
            rows={12}
            lang={language}
            dir="auto"
            placeholder={strings.textHint}
            aria-invalid={missing}
            aria-describedby={missing ? 'missing' : 'words'}
            value={draft.text}
            onInput={(event) => onChange({ ...draft, text: event.currentTarget.value })}
          />
        </div>
      )}
      <p id="missing" class="missing" role="alert">
        {missing ? strings.nothingToCheck : ''}
      </p>
      {slow && (
        <p class="waiting" role="alert">
          {strings.slow}{' '}
          <button type="button" class="small" onClick={onCancel}>
            {strings.stopWaiting}
          </button>
        </p>
      )}
      <div class="actions">
        <button
          type="submit"
          class="primary"
          aria-disabled={checking}
          aria-keyshortcuts="Control+Enter Meta+Enter"
        >
          {checking ? strings.checking : strings.check}
        </button>
        <button type="button" class="quiet" onClick={clear}>
          {strings.clear}
        </button>
        <span class="keys" aria-hidden="true">
          {strings.shortcut(isMac).map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
        </span>
        <span id="words" class="words">
          {strings.words(countWords(draft.text))}
        </span>
      </div>
      <p class="fine">{strings.staysHere}</p>
    </form>
  );
}
