// A plot with two axes, as wide as its place: ticks and names here, the marks as children.
import type { ComponentChildren } from 'preact';
import type { Scale } from './scale.ts';
import { useWidth } from './use-width.ts';
import { formatTick } from './values.ts';

const HEIGHT = 300;
const [LEFT, RIGHT, TOP, BOTTOM] = [62, 16, 14, 46];

export interface PlotTick {
  /** 0 to 1. */
  readonly place: number;
  readonly label: string;
}

export interface XyPlotProps {
  /** Says what is shown, for those who do not see it. */
  readonly label: string;
  readonly x: Scale;
  readonly y: Scale;
  readonly xName: string;
  readonly yName: string;
  /** In place of the ticks of the scale, for example choices. */
  readonly xTicks?: readonly PlotTick[] | undefined;
  readonly yTicks?: readonly PlotTick[] | undefined;
  readonly height?: number;
  /** Draws the marks, given the places of values in pixels. */
  readonly children: (
    placeX: (value: number) => number,
    placeY: (value: number) => number,
  ) => ComponentChildren;
}

export function XyPlot(props: XyPlotProps) {
  const { label, x, y, xName, yName, height = HEIGHT, children } = props;
  const [host, width] = useWidth<HTMLDivElement>();
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const toX = (place: number): number => LEFT + place * (right - LEFT);
  const toY = (place: number): number => TOP + (1 - place) * (bottom - TOP);
  const xTicks =
    props.xTicks ??
    x
      .ticks(Math.max(3, Math.floor(width / 110)))
      .map((tick) => ({ place: x.place(tick), label: formatTick(tick) }));
  const yTicks =
    props.yTicks ?? y.ticks(5).map((tick) => ({ place: y.place(tick), label: formatTick(tick) }));
  return (
    <div ref={host}>
      <svg class="plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {yTicks.map((tick) => (
          <g key={tick.label}>
            <line class="grid" x1={LEFT} x2={right} y1={toY(tick.place)} y2={toY(tick.place)} />
            <text x={LEFT - 8} y={toY(tick.place) + 4} text-anchor="end">
              {tick.label}
            </text>
          </g>
        ))}
        {xTicks.map((tick) => (
          <g key={tick.label}>
            <line class="grid" x1={toX(tick.place)} x2={toX(tick.place)} y1={TOP} y2={bottom} />
            <text x={toX(tick.place)} y={bottom + 17} text-anchor="middle">
              {tick.label}
            </text>
          </g>
        ))}
        <text class="axis-name" x={(LEFT + right) / 2} y={height - 6} text-anchor="middle">
          {xName}
        </text>
        <text
          class="axis-name"
          transform={`translate(13 ${(TOP + bottom) / 2}) rotate(-90)`}
          text-anchor="middle"
        >
          {yName}
        </text>
        {children(
          (value) => toX(x.place(value)),
          (value) => toY(y.place(value)),
        )}
      </svg>
    </div>
  );
}
