// Frame and scales of the page's plots, and escaping: addresses and reasons come from outside.

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export interface Axis {
  readonly title: string;
  readonly low: number;
  readonly high: number;
  readonly scale?: 'linear' | 'log';
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

export interface Plot {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Wraps what is drawn into axes and titles. */
  readonly draw: (content: string) => string;
}

const [LEFT, RIGHT, TOP, BOTTOM] = [50, 14, 24, 42];

/** @param label  what the plot shows, for those who do not see it */
export function createPlot(label: string, x: Axis, y: Axis, width = 480, height = 250): Plot {
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const placeX = (value: number): number => LEFT + shareOf(value, x) * (right - LEFT);
  const placeY = (value: number): number => bottom - shareOf(value, y) * (bottom - TOP);
  const grid = [
    ...x.ticks.map(({ at, label: text }) => {
      const place = formatPlace(placeX(at));
      return `<line class="grid" x1="${place}" x2="${place}" y1="${TOP}" y2="${bottom}"/><text class="tick" x="${place}" y="${bottom + 16}" text-anchor="middle">${escapeHtml(text)}</text>`;
    }),
    ...y.ticks.map(({ at, label: text }) => {
      const place = formatPlace(placeY(at));
      return `<line class="grid" x1="${LEFT}" x2="${right}" y1="${place}" y2="${place}"/><text class="tick" x="${LEFT - 7}" y="${place}" dy="0.34em" text-anchor="end">${escapeHtml(text)}</text>`;
    }),
  ].join('');
  const titles = `<text class="axis" x="${right}" y="${height - 6}" text-anchor="end">${escapeHtml(x.title)}</text><text class="axis" x="0" y="11">${escapeHtml(y.title)}</text>`;
  return {
    x: placeX,
    y: placeY,
    left: LEFT,
    right,
    top: TOP,
    bottom,
    draw: (content) =>
      `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">${grid}${content}${titles}</svg>`,
  };
}

function shareOf(value: number, { low, high, scale }: Axis): number {
  const share =
    scale === 'log'
      ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
      : (value - low) / (high - low);
  return Math.min(1, Math.max(0, share));
}

export function formatPlace(value: number): string {
  return String(Math.round(value * 10) / 10);
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

/** A line through the points; a null value interrupts it. */
export function drawLine(
  kind: string,
  points: readonly (readonly [x: number, y: number | null])[],
  title: string,
): string {
  let [path, isDown] = ['', false];
  for (const [x, y] of points) {
    if (y !== null) path += `${isDown ? 'L' : 'M'}${formatPlace(x)} ${formatPlace(y)}`;
    isDown = y !== null;
  }
  return path === ''
    ? ''
    : `<path class="line ${kind}" d="${path}"><title>${escapeHtml(title)}</title></path>`;
}
