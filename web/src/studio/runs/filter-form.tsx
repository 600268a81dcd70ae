// The filter of the runs, in the words of `veracity runs list --where`. The server reads it and says what is wrong with it.
import { useEffect, useState } from 'preact/hooks';
import { studioStrings } from '../studio-strings.ts';

export function FilterForm(props: { readonly where: string; readonly onWhere: (where: string) => void }) {
  const { where, onWhere } = props;
  const [text, setText] = useState(where);
  useEffect(() => setText(where), [where]);
  return (
    <search>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault();
          onWhere(text.trim());
        }}
      >
        <label for="filter">{studioStrings.filter}</label>
        <input
          id="filter"
          type="text"
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          placeholder={studioStrings.filterHint}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="quiet">
          {studioStrings.filterApply}
        </button>
        {where !== '' && (
          <button type="button" class="quiet" onClick={() => onWhere('')}>
            {studioStrings.filterClear}
          </button>
        )}
      </form>
    </search>
  );
}
