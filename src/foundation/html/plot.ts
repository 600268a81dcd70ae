// The frame of a plot as inline SVG: scales, grid, ticks and titles. The page's style scales and colours it.
import { escapeHtml } from './escape.ts';

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Axis {
  readonly title: string;
  readonly low: number;
  readonly high: number;
  /** Default linear; log needs a `low` above 0. */
  readonly scale?: 'linear' | 'log';
  readonly ticks: readonly Tick[];
}

export interface PlotFrame {
  /** What the plot shows, for readers who do not see it. */
  readonly label: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly width: number;
  readonly height: number;
  readonly margin: Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>>;
  /** Beside the middle of each axis, or at the end of it. */
  readonly titles: 'middle' | 'end';
}

export interface Plot {
  /** Horizontal place of a value; values outside of the axis lie on its ends. */
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Wraps what is drawn into axes and titles. */
  readonly draw: (content: string) => string;
}

export function createPlot(frame: PlotFrame): Plot {
  const { label, x, y, width, height, margin } = frame;
  const { left, top } = margin;
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const placeX = (value: number): number => left + shareOf(value, x) * (right - left);
  const placeY = (value: number): number => bottom - shareOf(value, y) * (bottom - top);
  const grid = [
    ...x.ticks.map((tick) => {
      const place = formatPlace(placeX(tick.at));
      return `<line class="grid" x1="${place}" x2="${place}" y1="${top}" y2="${bottom}"/><text class="tick" x="${place}" y="${bottom + 16}" text-anchor="middle">${escapeHtml(tick.label)}</text>`;
    }),
    ...y.ticks.map((tick) => {
      const place = formatPlace(placeY(tick.at));
      return `<line class="grid" x1="${left}" x2="${right}" y1="${place}" y2="${place}"/><text class="tick" x="${left - 7}" y="${place}" dy="0.34em" text-anchor="end">${escapeHtml(tick.label)}</text>`;
    }),
  ].join('');
  const titles = formatTitles(frame, { right, bottom });
  const draw = (content: string): string =>
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">${grid}${content}${titles}</svg>`;
  return { x: placeX, y: placeY, left, right, top, bottom, draw };
}

function formatTitles(
  { x, y, height, margin: { left, top }, titles }: PlotFrame,
  { right, bottom }: { right: number; bottom: number },
): string {
  const [nameX, nameY] = [escapeHtml(x.title), escapeHtml(y.title)];
  if (titles === 'end')
    return `<text class="axis" x="${right}" y="${height - 6}" text-anchor="end">${nameX}</text><text class="axis" x="0" y="11">${nameY}</text>`;
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  return `<text class="axis" x="${middleX}" y="${height - 8}" text-anchor="middle">${nameX}</text><text class="axis" transform="translate(9 ${middleY}) rotate(-90)" text-anchor="middle">${nameY}</text>`;
}

function shareOf(value: number, { low, high, scale }: Axis): number {
  const share =
    scale === 'log'
      ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
      : (value - low) / (high - low);
  return Math.min(1, Math.max(0, share));
}

/** A coordinate with as many digits as a screen can show. */
export function formatPlace(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A straight line between two places. */
export function drawSegment(
  kind: string,
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
): string {
  const [x1, y1, x2, y2] = [...from, ...to].map(formatPlace);
  return `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** 0 and up to five round numbers above it. */
export function listTicks(high: number): number[] {
  const rough = high / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((width) => width >= rough) ?? power;
  const ticks: number[] = [];
  for (let i = 0; i * step <= high * 1.0001; i++) ticks.push(Number((i * step).toPrecision(6)));
  return ticks;
}
