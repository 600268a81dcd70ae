// The legend of a chart: each curve with its look and its measured value under the cursor, or its last one.
import { studioStrings } from '../studio-strings.ts';
import { findNearest } from './curve-path.ts';
import { COLOURS, dashOf, type Look } from './series-looks.ts';
import { type Axis, formatPlaceOn, formatValue } from './values.ts';

export interface LegendCurve {
  readonly id: string;
  readonly name: string;
  readonly look: Look;
  readonly xs: ArrayLike<number>;
  readonly ys: ArrayLike<number>;
}

export interface ChartLegendProps {
  readonly curves: readonly LegendCurve[];
  readonly axis: Axis;
  /** The place of the cursor on the x axis; null: outside. */
  readonly cursor: number | null;
  readonly highlighted: string | null;
  readonly onHighlight?: ((id: string | null) => void) | undefined;
  readonly linkTo?: ((id: string) => string) | undefined;
}

export function ChartLegend(props: ChartLegendProps) {
  const { curves, axis, cursor, highlighted, onHighlight, linkTo } = props;
  return (
    <div class="legend-part">
      <p class="fine legend-place">
        {cursor === null
          ? studioStrings.legendLast
          : studioStrings.legendAt(axis, formatPlaceOn(axis, cursor))}
      </p>
      <ul class="chart-legend">
        {curves.map((curve) => {
          const index = cursor === null ? curve.xs.length - 1 : findNearest(curve.xs, cursor);
          const value = curve.ys[index];
          return (
            <li
              key={curve.id}
              class={curve.id === highlighted ? 'near' : ''}
              onMouseEnter={() => onHighlight?.(curve.id)}
              onMouseLeave={() => onHighlight?.(null)}
            >
              <LookMark look={curve.look} />
              {linkTo === undefined ? (
                <span class="legend-name">{curve.name}</span>
              ) : (
                <a class="legend-name" href={linkTo(curve.id)}>
                  {curve.name}
                </a>
              )}
              <span class="legend-value">{formatValue(value)}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** A piece of the line of a curve. */
export function LookMark({ look }: { readonly look: Look }) {
  return (
    <svg class={`look series-${look % COLOURS}`} viewBox="0 0 26 10" aria-hidden="true">
      <path d="M1 5h24" stroke-dasharray={dashOf(look).join(' ')} />
    </svg>
  );
}
