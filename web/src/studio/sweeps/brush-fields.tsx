// The ranges of the parallel coordinates as numbers and choices, for those who do not drag.
import { studioStrings } from '../studio-strings.ts';
import type { Brushes, TrialAxis } from './trials.ts';

export function BrushFields(props: {
  readonly axes: readonly TrialAxis[];
  readonly brushes: Brushes;
  readonly onBrush: (name: string, range: readonly [number, number] | null) => void;
}) {
  const { axes, brushes, onBrush } = props;
  return (
    <details>
      <summary>{studioStrings.parallelRanges}</summary>
      <div class="brush-fields">
        {axes.map((axis) => (
          <AxisFields
            key={axis.name}
            axis={axis}
            range={brushes.get(axis.name)}
            onRange={(range) => onBrush(axis.name, range)}
          />
        ))}
      </div>
    </details>
  );
}

function AxisFields(props: {
  readonly axis: TrialAxis;
  readonly range: readonly [number, number] | undefined;
  readonly onRange: (range: readonly [number, number] | null) => void;
}) {
  const { axis, range, onRange } = props;
  if (axis.choices !== null) {
    const chosen = axis.ticks.findIndex(
      ({ place }) => range !== undefined && place >= range[0] && place <= range[1],
    );
    return (
      <label>
        {axis.name}
        <select
          value={String(chosen)}
          onChange={(event) => {
            const tick = axis.ticks[Number(event.currentTarget.value)];
            onRange(tick === undefined ? null : [tick.place - 0.01, tick.place + 0.01]);
          }}
        >
          <option value="-1">{studioStrings.any}</option>
          {axis.ticks.map((tick, index) => (
            <option key={tick.label} value={String(index)}>
              {tick.label}
            </option>
          ))}
        </select>
      </label>
    );
  }
  const { scale } = axis;
  const show = (place: number | undefined): string =>
    place === undefined ? '' : String(Number(scale.value(place).toPrecision(4)));
  const read = (text: string, otherwise: number): number =>
    text.trim() === '' || !Number.isFinite(Number(text)) ? otherwise : scale.place(Number(text));
  const set = (low: number, high: number): void => onRange(low <= 0 && high >= 1 ? null : [low, high]);
  return (
    <>
      <label>
        {studioStrings.parallelFrom(axis.name)}
        <input
          type="number"
          step="any"
          value={show(range?.[0])}
          onChange={(event) => set(read(event.currentTarget.value, 0), range?.[1] ?? 1)}
        />
      </label>
      <label>
        {studioStrings.parallelTo(axis.name)}
        <input
          type="number"
          step="any"
          value={show(range?.[1])}
          onChange={(event) => set(range?.[0] ?? 0, read(event.currentTarget.value, 1))}
        />
      </label>
    </>
  );
}
