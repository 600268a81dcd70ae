// The choice of columns: facts, the metrics with their last, least and greatest value, and settings of the configuration.
import { useState } from 'preact/hooks';
import type { RunFacts } from '../../../../src/client/studio-types.ts';
import { studioStrings } from '../studio-strings.ts';
import { FACT_COLUMNS, listMetricNames, type RunColumn, WHICH } from './columns.ts';

export function ColumnChoice(props: {
  readonly runs: readonly RunFacts[];
  readonly columns: readonly RunColumn[];
  readonly onColumns: (ids: readonly string[]) => void;
}) {
  const { runs, columns, onColumns } = props;
  const [setting, setSetting] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const ids = columns.map(({ id }) => id);
  const box = (id: string, label: string) => (
    <label key={id} class="check">
      <input
        type="checkbox"
        checked={ids.includes(id)}
        onChange={(event) =>
          onColumns(event.currentTarget.checked ? [...ids, id] : ids.filter((other) => other !== id))
        }
      />
      {label}
    </label>
  );
  return (
    <details class="menu" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{studioStrings.columns}</summary>
      {isOpen && (
        <div class="menu-list wide">
          <fieldset>
            <legend>{studioStrings.columnsFacts}</legend>
            {FACT_COLUMNS.map((id) => box(id, studioStrings.columnNames[id] ?? id))}
          </fieldset>
          <fieldset>
            <legend>{studioStrings.columnsMetrics}</legend>
            {listMetricNames(runs).map((name) => (
              <div key={name} class="metric-columns">
                <span>{name}</span>
                {WHICH.map((which) => box(`${which}:${name}`, which))}
              </div>
            ))}
          </fieldset>
          <fieldset>
            <legend>{studioStrings.columnsConfig}</legend>
            {ids.flatMap((id) => (id.startsWith('config:') ? [box(id, id.slice(7))] : []))}
            <div class="add-column">
              <input
                type="text"
                aria-label={studioStrings.columnsConfigLabel}
                placeholder={studioStrings.columnsConfigAdd}
                value={setting}
                onInput={(event) => setSetting(event.currentTarget.value)}
              />
              <button
                type="button"
                class="small"
                disabled={setting.trim() === ''}
                onClick={() => {
                  onColumns([...ids, `config:${setting.trim()}`]);
                  setSetting('');
                }}
              >
                {studioStrings.columnsAdd}
              </button>
            </div>
          </fieldset>
        </div>
      )}
    </details>
  );
}
