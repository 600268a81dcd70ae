// Parallel coordinates: an axis for each parameter and one for the result, a line for each trial, coloured by the rank of
// its result. Dragging along an axis keeps the lines that pass there.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { SweepDetails, SweepTrial } from '../../../../src/client/studio-types.ts';
import { useWidth } from '../charts/use-width.ts';
import { studioStrings } from '../studio-strings.ts';
import { BrushFields } from './brush-fields.tsx';
import {
  type Brushes,
  isKept,
  labelOn,
  listAxes,
  placeOn,
  rankShades,
  SHADES,
  type TrialAxis,
} from './trials.ts';

const HEIGHT = 380;
const [TOP, BOTTOM, SIDE] = [44, 46, 58];
/** Where a parameter that is not active is drawn, below its axis. */
const NOT_SET = 26;
const LEAST_DISTANCE = 104;

export interface ParallelCoordinatesProps extends SweepDetails {
  readonly highlighted: number | null;
  readonly onHighlight: (trial: number | null) => void;
}

export function ParallelCoordinates({ sweep, trials, highlighted, onHighlight }: ParallelCoordinatesProps) {
  const shown = useMemo(() => trials.filter(({ value }) => value !== null), [trials]);
  const axes = useMemo(() => listAxes(sweep, shown), [sweep, shown]);
  const shades = useMemo(() => rankShades(shown, sweep.goal), [shown, sweep.goal]);
  const [brushes, setBrushes] = useState<Brushes>(new Map());
  const [host, hostWidth] = useWidth<HTMLDivElement>(900);
  const width = Math.max(hostWidth, (axes.length - 1) * LEAST_DISTANCE + 2 * SIDE);
  const axisX = (index: number): number => SIDE + (index * (width - 2 * SIDE)) / Math.max(1, axes.length - 1);
  const brush = (name: string, range: readonly [number, number] | null): void => {
    const next = new Map(brushes);
    if (range === null) next.delete(name);
    else next.set(name, range);
    setBrushes(next);
  };
  // the best lines are drawn last, above the others
  const ordered = [...shown].sort((a, b) => (shades.get(b.number) ?? 0) - (shades.get(a.number) ?? 0));
  const kept = ordered.filter((trial) => isKept(trial, axes, brushes));
  const near = shown.find(({ number }) => number === highlighted);
  const path = (trial: SweepTrial): string =>
    axes
      .map((axis, index) => {
        const place = placeOn(axis, trial);
        return `${index === 0 ? 'M' : 'L'}${axisX(index).toFixed(1)} ${(place === null ? toY(0) + NOT_SET : toY(place)).toFixed(1)}`;
      })
      .join('');
  return (
    <>
      <div ref={host} class="parallel-measure" />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls */}
      <section class="parallel" aria-label={studioStrings.parallelHeading} tabIndex={0}>
        <svg
          class="plot parallel-plot"
          width={width}
          height={HEIGHT}
          viewBox={`0 0 ${width} ${HEIGHT}`}
          role="img"
          aria-label={studioStrings.parallelLabel(
            shown.length,
            axes.map(({ name }) => name),
          )}
        >
          <g class="trial-lines">
            {ordered.map((trial) => (
              <path
                key={trial.number}
                d={path(trial)}
                class={
                  kept.includes(trial)
                    ? `trial-line shade-${shades.get(trial.number) ?? 0}`
                    : 'trial-line left-out'
                }
                onPointerEnter={() => onHighlight(trial.number)}
                onPointerLeave={() => onHighlight(null)}
              />
            ))}
            {near !== undefined && <path d={path(near)} class="trial-line near" />}
          </g>
          {axes.map((axis, index) => (
            <Axis
              key={axis.name}
              axis={axis}
              x={axisX(index)}
              hasNotSet={shown.some((trial) => placeOn(axis, trial) === null)}
              range={brushes.get(axis.name)}
              onRange={(range) => brush(axis.name, range)}
            />
          ))}
        </svg>
      </section>
      <p class="fine trial-told">
        {near === undefined
          ? studioStrings.parallelKept(kept.length, shown.length)
          : `${studioStrings.trialName(near.number)}: ${axes
              .map((axis) => `${axis.shortName} ${labelOn(axis, near)}`)
              .join(', ')}`}
        {near === undefined && <ShadeLegend />}
        {brushes.size > 0 && (
          <button type="button" class="small" onClick={() => setBrushes(new Map())}>
            {studioStrings.parallelReset}
          </button>
        )}
      </p>
      <BrushFields axes={axes} brushes={brushes} onBrush={brush} />
    </>
  );
}

/** What the colours of the lines mean. */
function ShadeLegend() {
  return (
    <span class="shade-legend">
      {studioStrings.shadeBest}
      <svg viewBox={`0 0 ${SHADES * 12} 10`} aria-hidden="true">
        {Array.from({ length: SHADES }, (_, shade) => (
          <rect key={shade} class={`shade-${shade}`} x={shade * 12} width="12" height="10" />
        ))}
      </svg>
      {studioStrings.shadeWorst}
    </span>
  );
}

const toY = (place: number): number => TOP + (1 - place) * (HEIGHT - TOP - BOTTOM);
const fromY = (y: number): number => Math.min(1, Math.max(0, 1 - (y - TOP) / (HEIGHT - TOP - BOTTOM)));

interface AxisProps {
  readonly axis: TrialAxis;
  readonly x: number;
  /** Whether the parameter is not active in some trials. */
  readonly hasNotSet: boolean;
  readonly range: readonly [number, number] | undefined;
  readonly onRange: (range: readonly [number, number] | null) => void;
}

function Axis({ axis, x, hasNotSet, range, onRange }: AxisProps) {
  const start = useRef<number | null>(null);
  const placeOf = (event: PointerEvent & { readonly currentTarget: SVGRectElement }): number => {
    const svg = event.currentTarget.ownerSVGElement!;
    const box = svg.getBoundingClientRect();
    return fromY(((event.clientY - box.top) / box.height) * HEIGHT);
  };
  return (
    <g class={axis.isResult ? 'axis result' : 'axis'}>
      <title>{axis.name}</title>
      <line x1={x} x2={x} y1={toY(1)} y2={toY(0)} />
      {range !== undefined && (
        <rect
          class="brush"
          x={x - 8}
          width={16}
          y={toY(range[1])}
          height={Math.max(2, toY(range[0]) - toY(range[1]))}
        />
      )}
      {axis.ticks.map((tick) => (
        <g key={tick.label}>
          <line x1={x - 4} x2={x} y1={toY(tick.place)} y2={toY(tick.place)} />
          <text class="tick" x={x - 7} y={toY(tick.place) + 4} text-anchor="end">
            {tick.label.length > 9 ? `${tick.label.slice(0, 8)}…` : tick.label}
          </text>
        </g>
      ))}
      {hasNotSet && (
        <text class="tick" x={x} y={toY(0) + NOT_SET + 17} text-anchor="middle">
          {studioStrings.notActive}
        </text>
      )}
      <text class="axis-name" x={x} y={20} text-anchor="middle">
        {axis.shortName.length > 16 ? `${axis.shortName.slice(0, 15)}…` : axis.shortName}
      </text>
      <rect
        class="axis-grip"
        x={x - 18}
        width={36}
        y={toY(1) - 8}
        height={toY(0) - toY(1) + 16}
        onPointerDown={(event) => {
          start.current = placeOf(event);
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (start.current === null) return;
          const end = placeOf(event);
          if (Math.abs(end - start.current) > 0.01)
            onRange([Math.min(start.current, end), Math.max(start.current, end)]);
        }}
        onPointerUp={(event) => {
          if (start.current !== null && Math.abs(placeOf(event) - start.current) <= 0.01) onRange(null);
          start.current = null;
        }}
      />
    </g>
  );
}
