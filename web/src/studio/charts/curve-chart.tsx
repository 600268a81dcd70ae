// Curves over one axis on a canvas. uPlot keeps the scales, the axes, the cursor and the selection; the curves are drawn
// here, because each has its own places on the x axis, which uPlot would have to align first.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import { studioStrings } from '../studio-strings.ts';
import { ChartLegend } from './chart-legend.tsx';
import { type CurvePoints, drawPath, drawSmoothPath, findShown } from './curve-path.ts';
import { createScale, findRange, type Scale } from './scale.ts';
import { COLOURS, dashOf, type Look } from './series-looks.ts';
import { smoothCurve } from './smoothing.ts';
import { type Axis, formatDuration, formatTick, listTimeTicks } from './values.ts';
import { type Range, zoomByKey } from './zoom.ts';

export interface ChartCurve extends CurvePoints {
  readonly id: string;
  readonly name: string;
  readonly look: Look;
}

export interface CurveChartProps {
  /** What is measured; the name of the chart. */
  readonly name: string;
  readonly curves: readonly ChartCurve[];
  readonly axis: Axis;
  readonly logX: boolean;
  readonly logY: boolean;
  /** 0 to 1. */
  readonly smoothing: number;
  /** The zoomed range of x; null: everything. */
  readonly range: Range | null;
  readonly onRange: (range: Range | null) => void;
  /** The curve that is pointed at elsewhere. */
  readonly highlighted?: string | null | undefined;
  readonly onHighlight?: ((id: string | null) => void) | undefined;
  readonly linkTo?: ((id: string) => string) | undefined;
}

/** What the drawing reads: the latest curves and scales. */
interface Drawing {
  readonly curves: readonly (ChartCurve & { readonly smooth: ArrayLike<number> | null })[];
  /** What the curves were made from. */
  readonly source: readonly ChartCurve[];
  readonly x: Scale;
  readonly y: Scale;
  readonly axis: Axis;
  readonly highlighted: string | null;
}

const HEIGHT = 260;
/** A curve of so few points shows them as dots. */
const MOST_DOTS = 40;
/** A curve of more points has no dashes unless it is smoothed. */
const MOST_DASHED = 300;
/** Pixels. */
const EDGE = 4;
const SMOOTH_COLUMN = 3;

export function CurveChart(props: CurveChartProps) {
  const { name, curves, axis, logX, logY, smoothing, range, highlighted = null } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const drawing = useRef<Drawing | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [cursor, setCursor] = useState<number | null>(null);

  const whole = useMemo(() => findWhole(curves, logX), [curves, logX]);
  const shown = useMemo(
    () => prepareDrawing({ curves, axis, logX, logY, smoothing, range: range ?? whole }),
    [curves, axis, logX, logY, smoothing, range, whole],
  );
  drawing.current = { ...shown, highlighted };

  useEffect(() => {
    const made = createPlot(host.current!, drawing, latest, setCursor);
    plot.current = made.plot;
    return () => {
      made.close();
      plot.current = null;
    };
  }, [shown.x.kind, shown.y.kind]);

  useEffect(() => {
    const current = plot.current;
    if (current === null) return;
    const { x, y } = shown;
    current.batch(() => {
      current.setScale('x', { min: x.min, max: x.max });
      current.setScale('y', { min: y.min, max: y.max });
    });
  }, [shown]);

  useEffect(() => plot.current?.redraw(false), [highlighted]);

  return (
    <figure class="chart">
      <figcaption>{name}</figcaption>
      <div
        ref={host}
        class="chart-canvas"
        // its keys move and zoom, as those of a map do
        role="application"
        aria-label={studioStrings.chartLabel(name, curves.length, studioStrings.axes[axis])}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the chart work while it has the focus
        tabIndex={0}
        onKeyDown={(event) => {
          const next = zoomByKey(event.key, range ?? whole, whole);
          if (next === undefined) return;
          event.preventDefault();
          props.onRange(next);
        }}
      />
      <ChartLegend
        curves={shown.curves}
        axis={axis}
        cursor={cursor}
        highlighted={highlighted}
        onHighlight={props.onHighlight}
        linkTo={props.linkTo}
      />
    </figure>
  );
}

/** The range of x over all curves. */
function findWhole(curves: readonly ChartCurve[], logX: boolean): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { xs } of curves) {
    if (xs.length === 0) continue;
    let first = 0;
    if (logX) while (first < xs.length && xs[first]! <= 0) first++;
    min = Math.min(min, xs[first] ?? Number.POSITIVE_INFINITY);
    max = Math.max(max, xs[xs.length - 1]!);
  }
  return min <= max ? [min, max] : [logX ? 1 : 0, logX ? 10 : 1];
}

function prepareDrawing(options: {
  readonly curves: readonly ChartCurve[];
  readonly axis: Axis;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smoothing: number;
  readonly range: Range;
}): Omit<Drawing, 'highlighted'> {
  const { curves, axis, logX, logY, smoothing, range } = options;
  const x = createScale(range[0], range[1], logX ? 'log' : 'linear');
  const span = logX && x.kind === 'log' ? Math.log(x.max / x.min) : x.max - x.min;
  const prepared = curves.map((curve) => ({
    ...curve,
    smooth:
      smoothing > 0
        ? smoothCurve(x.kind === 'log' ? logarithms(curve.xs) : curve.xs, curve.ys, smoothing, span)
        : null,
  }));
  const [low, high] = findRange(listShown(curves, x), logY ? 'log' : 'linear');
  return { curves: prepared, source: curves, axis, x, y: createScale(low, high, logY ? 'log' : 'linear') };
}

function logarithms(xs: ArrayLike<number>): Float64Array {
  return Float64Array.from(xs, (x) => Math.log(Math.max(x, Number.MIN_VALUE)));
}

function* listShown(curves: readonly ChartCurve[], x: Scale): Iterable<number> {
  for (const { xs, ys } of curves) {
    const [from, to] = findShown(xs, x.min, x.max);
    for (let i = from; i < to; i++) if (xs[i]! >= x.min && xs[i]! <= x.max) yield ys[i]!;
  }
}

type Current<T> = { readonly current: T };

function createPlot(
  host: HTMLElement,
  drawing: Current<Drawing | null>,
  latest: Current<CurveChartProps>,
  setCursor: (x: number | null) => void,
): { readonly plot: UPlot; close(): void } {
  const { x, y } = drawing.current!;
  const colour = (name: string) => () => getComputedStyle(host).getPropertyValue(name).trim();
  const grid = { stroke: colour('--rule'), width: 1 };
  const base = { stroke: colour('--soft'), font: '12px system-ui, sans-serif', grid, ticks: { show: false } };
  const backdrop: Backdrop = { canvas: document.createElement('canvas'), key: [] };
  const plot = new UPlot(
    {
      width: Math.max(200, host.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false }, y: false },
      scales: {
        x: { time: false, auto: false, distr: x.kind === 'log' ? 3 : 1 },
        y: { auto: false, distr: y.kind === 'log' ? 3 : 1 },
      },
      axes: [
        {
          ...base,
          size: 30,
          splits: (u) => listPlaces(drawing.current!, u.bbox.width / UPlot.pxRatio / 80),
          filter: (_u, splits) => splits,
          values: (_u, splits) =>
            splits.map((split) =>
              drawing.current!.axis === 'time' ? formatDuration(split) : formatTick(split),
            ),
        },
        {
          ...base,
          size: 58,
          splits: () => drawing.current!.y.ticks(5),
          filter: (_u, splits) => splits,
          values: (_u, splits) => splits.map(formatTick),
        },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        draw: [(u) => drawCurves(u, host, backdrop, drawing.current!)],
        setCursor: [
          (u) => {
            const { left } = u.cursor;
            setCursor(left === undefined || left === null || left < 0 ? null : u.posToVal(left, 'x'));
          },
        ],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width < 4) return;
            latest.current.onRange([u.posToVal(left, 'x'), u.posToVal(left + width, 'x')]);
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    [
      [x.min, x.max],
      [y.min, y.max],
    ],
    host,
  );
  plot.setScale('x', { min: x.min, max: x.max });
  plot.setScale('y', { min: y.min, max: y.max });
  const reset = (): void => latest.current.onRange(null);
  plot.over.addEventListener('dblclick', reset);
  const resized = new ResizeObserver(() => {
    if (host.clientWidth > 0 && host.clientWidth !== plot.width)
      plot.setSize({ width: host.clientWidth, height: HEIGHT });
  });
  resized.observe(host);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const repaint = (): void => plot.redraw(false, true);
  scheme.addEventListener('change', repaint);
  return {
    plot,
    close: () => {
      resized.disconnect();
      scheme.removeEventListener('change', repaint);
      plot.destroy();
    },
  };
}

function listPlaces({ axis, x }: Drawing, count: number): number[] {
  return axis === 'time' && x.kind === 'linear' ? listTimeTicks(x.min, x.max, count) : x.ticks(count);
}

/** The measured points behind smoothed curves: drawn once, because pulling the smoothing changes only what lies above. */
interface Backdrop {
  readonly canvas: HTMLCanvasElement;
  /** What it was drawn from. */
  key: readonly unknown[];
}

type Pen = (
  values: ArrayLike<number>,
  line: {
    readonly alpha: number;
    readonly width: number;
    readonly dash: readonly number[];
    readonly isSmooth: boolean;
  },
) => void;

/** Draws the curves; where they are smoothed, the measured points are drawn faintly behind. */
function drawCurves(plot: UPlot, host: HTMLElement, backdrop: Backdrop, drawing: Drawing): void {
  const { curves, source, x, y, highlighted } = drawing;
  const { ctx, bbox } = plot;
  const style = getComputedStyle(host);
  const ratio = UPlot.pxRatio;
  const placeX = (value: number): number => bbox.left + x.place(value) * bbox.width;
  const placeY = (value: number): number => bbox.top + (1 - y.place(value)) * bbox.height;
  // the highlighted curve is drawn last, above the others
  const ordered = [...curves].sort((a, b) => Number(a.id === highlighted) - Number(b.id === highlighted));
  const colourOf = (look: Look): string => style.getPropertyValue(`--series-${look % COLOURS}`).trim();
  const each = (
    target: CanvasRenderingContext2D,
    draw: (curve: Drawing['curves'][number], pen: Pen) => void,
  ) => {
    target.save();
    target.beginPath();
    // the dots of the first and the last point reach over the edge
    target.rect(bbox.left - EDGE * ratio, bbox.top, bbox.width + 2 * EDGE * ratio, bbox.height);
    target.clip();
    target.lineJoin = 'bevel';
    for (const curve of ordered) {
      const shown = findShown(curve.xs, x.min, x.max);
      const isDimmed = highlighted !== null && highlighted !== curve.id;
      target.strokeStyle = target.fillStyle = colourOf(curve.look);
      draw(curve, (values, { alpha, width, dash, isSmooth }) => {
        target.setLineDash(dash.map((length) => length * ratio));
        target.globalAlpha = isDimmed ? alpha * 0.3 : alpha;
        target.lineWidth = width * ratio;
        target.beginPath();
        const points = { xs: curve.xs, ys: values };
        if (isSmooth) drawSmoothPath(target, points, shown, placeX, placeY, SMOOTH_COLUMN * ratio);
        else drawPath(target, points, shown, placeX, placeY);
        target.stroke();
        // single points have no line
        if (shown[1] - shown[0] > MOST_DOTS) return;
        for (let i = shown[0]; i < shown[1]; i++) {
          target.beginPath();
          target.arc(placeX(curve.xs[i]!), placeY(values[i]!), width * 1.4 * ratio, 0, Math.PI * 2);
          target.fill();
        }
      });
    }
    target.restore();
  };
  if (curves.some(({ smooth }) => smooth !== null)) {
    const { width, height } = ctx.canvas;
    const key = [source, x.min, x.max, x.kind, y.min, y.max, y.kind, width, height, highlighted, colourOf(0)];
    const { canvas } = backdrop;
    if (key.some((part, index) => part !== backdrop.key[index])) {
      backdrop.key = key;
      canvas.width = width;
      canvas.height = height;
      each(canvas.getContext('2d')!, ({ ys }, pen) =>
        pen(ys, { alpha: 0.25, width: 1, dash: [], isSmooth: false }),
      );
    }
    ctx.drawImage(canvas, 0, 0);
  }
  each(ctx, ({ id, ys, smooth, look }, pen) =>
    pen(smooth ?? ys, {
      alpha: 1,
      width: id === highlighted ? 2.6 : 1.7,
      // along a curve that jumps up and down dashes cost much and show nothing
      dash: smooth === null && ys.length > MOST_DASHED ? [] : dashOf(look),
      isSmooth: smooth !== null,
    }),
  );
}
