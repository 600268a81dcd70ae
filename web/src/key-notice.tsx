// A field for the API key, at the top of the page, if the server requires one.
import { useState } from 'preact/hooks';
import type { FailureFacts } from './api.ts';
import { storeKey } from './key.ts';
import { strings } from './strings.ts';

export function KeyNotice(props: { readonly failure: FailureFacts; readonly onKey: () => void }) {
  const { failure, onKey } = props;
  const [value, setValue] = useState('');
  if (failure.code !== 'KEY_REQUIRED') return null;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (value.trim() === '') return;
    storeKey(value.trim());
    onKey();
  };
  return (
    <form class="notice key" onSubmit={submit}>
      <label for="key">{strings.keyLabel}</label>
      <input
        id="key"
        type="password"
        autoComplete="off"
        value={value}
        aria-describedby="key-note"
        onInput={(event) => setValue(event.currentTarget.value)}
      />
      <button type="submit" class="quiet">
        {strings.keyUse}
      </button>
      <p id="key-note" class="fine">
        {strings.keyNote}
      </p>
    </form>
  );
}
