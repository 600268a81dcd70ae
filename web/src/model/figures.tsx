// Two figures that are always shown together: accuracy on the model's own test articles and on articles of other sources.
import type { Figures, ModelFacts } from '../api.ts';
import { formatShare } from '../numbers.ts';
import { computeWilsonInterval } from '../reading.ts';
import { strings } from '../strings.ts';

export interface BothFiguresProps {
  readonly facts: Pick<ModelFacts, 'inSource' | 'outOfSource'>;
  /** Leaves out the notes with the number of articles and the interval. */
  readonly compact?: boolean;
}

export function BothFigures({ facts, compact = false }: BothFiguresProps) {
  const { inSource, outOfSource } = facts;
  return (
    <dl class={compact ? 'figures compact' : 'figures'}>
      <div class="figure">
        <dt>{strings.ownFigure}</dt>
        {inSource === null ? (
          <Missing value={strings.ownMissing} note={strings.ownMissingNote} />
        ) : (
          <Measured figures={inSource} compact={compact} />
        )}
      </div>
      <div class="figure">
        <dt>{strings.otherFigure}</dt>
        {outOfSource.length === 0 ? (
          <Missing value={strings.otherMissing} note={strings.otherMissingNote} />
        ) : (
          outOfSource.map((figures) => (
            <Measured key={figures.collection} figures={figures} compact={compact} />
          ))
        )}
      </div>
    </dl>
  );
}

function Measured({ figures, compact }: { readonly figures: Figures; readonly compact: boolean }) {
  const { collection, metrics, intervals, n, synthetic } = figures;
  return (
    <dd>
      <span class="value">
        {formatShare(metrics.accuracy)} <span class="unit">{strings.right}</span>
      </span>
      <span class="note">
        {collection}
        {synthetic && `, ${strings.invented}`}
      </span>
      {!compact && (
        <span class="note">{strings.figureNote(n, widen(intervals.accuracy, metrics.accuracy, n))}</span>
      )}
    </dd>
  );
}

/** Resampling a test without an error (or without a hit) gives an interval without width; Wilson's has one. */
function widen([low, high]: readonly [number, number], accuracy: number, n: number) {
  return low === high && n > 0 ? computeWilsonInterval(Math.round(accuracy * n), n) : ([low, high] as const);
}

function Missing({ value, note }: { readonly value: string; readonly note: string }) {
  return (
    <dd>
      <span class="value missing-value">{value}</span>
      <span class="note">{note}</span>
    </dd>
  );
}
