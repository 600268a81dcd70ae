// The few lines every piece of the page needs: collection and source names come from files and are always escaped.

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A coordinate with as many digits as a screen can show. */
export function formatCoordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export interface PlotFrame {
  readonly label: string;
  readonly x: { readonly title: string; readonly low: number; readonly high: number };
  readonly y: { readonly title: string; readonly low: number; readonly high: number };
}

export interface Plot {
  /** Horizontal place of a value. */
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** Wraps the drawn content into the frame: axes, ticks, titles. */
  readonly draw: (content: string) => string;
  readonly bottom: number;
}

const WIDTH = 320;
const HEIGHT = 300;
const LEFT = 50;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 44;

/** A square-ish plot in its own units; the page scales it. */
export function createPlot({ label, x, y }: PlotFrame): Plot {
  const placeX = (value: number): number =>
    LEFT + ((value - x.low) / (x.high - x.low)) * (WIDTH - LEFT - RIGHT);
  const placeY = (value: number): number =>
    HEIGHT - BOTTOM - ((value - y.low) / (y.high - y.low)) * (HEIGHT - TOP - BOTTOM);
  const grid = [
    ...listTicks(x.low, x.high).map((tick) => {
      const at = formatCoordinate(placeX(tick));
      return `<line class="grid" x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text class="tick" x="${at}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${formatTick(tick)}</text>`;
    }),
    ...listTicks(y.low, y.high).map((tick) => {
      const at = formatCoordinate(placeY(tick));
      return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="tick" x="${LEFT - 7}" y="${at}" dy="0.34em" text-anchor="end">${formatTick(tick)}</text>`;
    }),
  ].join('');
  const middleX = (LEFT + WIDTH - RIGHT) / 2;
  const middleY = (TOP + HEIGHT - BOTTOM) / 2;
  const titles = `<text class="axis" x="${middleX}" y="${HEIGHT - 8}" text-anchor="middle">${escapeHtml(x.title)}</text><text class="axis" transform="translate(9 ${middleY}) rotate(-90)" text-anchor="middle">${escapeHtml(y.title)}</text>`;
  return {
    x: placeX,
    y: placeY,
    bottom: HEIGHT - BOTTOM,
    draw: (content) =>
      `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">${grid}${content}${titles}</svg>`,
  };
}

function listTicks(low: number, high: number): number[] {
  const step = high - low > 0.6 ? 0.25 : 0.1;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9; i++) ticks.push(i * step);
  return ticks;
}

function formatTick(value: number): string {
  return String(Math.round(value * 100) / 100);
}
