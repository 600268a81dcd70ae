// The view "History": the articles checked in this browser, with a switch and a button that deletes all.
import { formatAddress } from '../address.ts';
import type { ViewProps } from '../app.tsx';
import { ClassMark } from '../class-look.tsx';
import { formatPredicted, formatTime, shorten } from '../numbers.ts';
import { ViewHeading } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import {
  forget,
  forgetAll,
  type HistoryEntry,
  keepHistory,
  MAX_ENTRIES,
  useHistory,
} from './history-store.ts';

export function HistoryView({ facts, checking }: ViewProps) {
  const { entries, keeping } = useHistory();
  const classNames = facts.state === 'loaded' ? facts.value.classNames : [];
  const threshold = facts.state === 'loaded' ? facts.value.calibration.abstainBelow : 0;
  const open = ({ title, text }: HistoryEntry): void => {
    checking.change({ title, text });
    void checking.check({ title, text });
    location.hash = formatAddress({ view: 'check' });
  };
  return (
    <>
      <ViewHeading heading={strings.historyHeading} lead={strings.historyLead} />
      <div class="panel history-rules">
        <p class="check">
          <input
            id="keep"
            type="checkbox"
            checked={keeping}
            aria-describedby="keep-note"
            onChange={(event) => keepHistory(event.currentTarget.checked)}
          />
          <label for="keep">{strings.historyKeep}</label>
        </p>
        <p id="keep-note" class="fine">
          {strings.historyWhat(MAX_ENTRIES)}
        </p>
        <button type="button" class="quiet" disabled={entries.length === 0} onClick={forgetAll}>
          {strings.historyClear}
        </button>
      </div>
      <p class="spoken" aria-live="polite">
        {strings.historyCount(entries.length)}
      </p>
      {entries.length === 0 ? (
        <p class="empty">{keeping ? strings.historyEmpty : strings.historyOff}</p>
      ) : (
        <ul class="entries">
          {entries.map((entry) => (
            <li key={entry.id}>
              <p class="entry-prediction">
                <ClassMark index={entry.abstained ? -1 : classNames.indexOf(entry.label)} />
                <span class="entry-label">{entry.abstained ? strings.notSure : entry.label}</span>
                <span class="share">{formatPredicted(entry, threshold)}</span>
              </p>
              <div class="entry-article">
                <p class="entry-title">{entry.title.trim() || shorten(entry.text) || strings.untitled}</p>
                <p class="fine">
                  <time dateTime={entry.at}>{formatTime(entry.at)}</time>, {entry.modelVersion}
                  {entry.hasReceipt !== false && (
                    <>
                      , <a href={formatAddress({ view: 'receipt', id: entry.id })}>{strings.receiptLink}</a>
                    </>
                  )}
                </p>
              </div>
              <p class="entry-actions">
                <button type="button" class="quiet" onClick={() => open(entry)}>
                  {strings.historyOpen}
                </button>
                <button type="button" class="quiet" onClick={() => forget(entry.id)}>
                  {strings.historyForget}
                </button>
              </p>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
