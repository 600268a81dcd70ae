// A histogram as bars.
import { studioStrings } from '../studio-strings.ts';
import { createScale } from './scale.ts';
import { formatTick, formatValue } from './values.ts';

const WIDTH = 420;
const HEIGHT = 170;
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 10, 8, 24];

export function Histogram(props: {
  readonly name: string;
  readonly step: number;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}) {
  const { name, step, edges, counts } = props;
  const [low = 0, high = 1] = [edges[0], edges.at(-1)];
  const x = createScale(low, high);
  const y = createScale(0, Math.max(1, ...counts));
  const placeX = (value: number): number => LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
  const placeY = (value: number): number => TOP + (1 - y.place(value)) * (HEIGHT - TOP - BOTTOM);
  return (
    <svg
      class="plot"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={studioStrings.histogramLabel(name, step, formatValue(low), formatValue(high))}
    >
      {y.ticks(3).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={placeY(tick)} y2={placeY(tick)} />
          <text x={LEFT - 6} y={placeY(tick) + 4} text-anchor="end">
            {formatTick(tick)}
          </text>
        </g>
      ))}
      {counts.map((count, index) => (
        <rect
          key={edges[index]}
          class="column"
          x={placeX(edges[index]!)}
          width={Math.max(0.5, placeX(edges[index + 1]!) - placeX(edges[index]!) - 1)}
          y={placeY(count)}
          height={Math.max(0, placeY(0) - placeY(count))}
        >
          <title>{`${formatValue(edges[index])} – ${formatValue(edges[index + 1])}: ${count}`}</title>
        </rect>
      ))}
      {x.ticks(5).map((tick) => (
        <text key={tick} x={placeX(tick)} y={HEIGHT - 6} text-anchor="middle">
          {formatTick(tick)}
        </text>
      ))}
    </svg>
  );
}
