// Draws a curve of any number of points with at most four points in each column of pixels: the first, the lowest, the
// highest and the last. The picture is the same as with all of them.

/** What a path is drawn on: a canvas or a Path2D. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

export interface CurvePoints {
  /** Ascending. */
  readonly xs: ArrayLike<number>;
  readonly ys: ArrayLike<number>;
}

/** Draws the points from index `from` to before `to`; a value that has no place (NaN, infinite) leaves a gap. */
export function drawPath(
  sink: PathSink,
  { xs, ys }: CurvePoints,
  [from, to]: readonly [number, number],
  placeX: (x: number) => number,
  placeY: (y: number) => number,
): void {
  let column = Number.NaN;
  let [x, low, high, last] = [0, 0, 0, 0];
  let isOpen = false;
  const endColumn = (): void => {
    if (Number.isNaN(column)) return;
    // the order of the lowest and the highest does not show within one column
    if (low !== last) sink.lineTo(x, low);
    if (high !== last && high !== low) sink.lineTo(x, high);
    sink.lineTo(x, last);
    column = Number.NaN;
  };
  for (let i = from; i < to; i++) {
    const py = placeY(ys[i]!);
    const px = placeX(xs[i]!);
    if (!Number.isFinite(py) || !Number.isFinite(px)) {
      endColumn();
      isOpen = false;
      continue;
    }
    const here = Math.round(px);
    if (here !== column) {
      endColumn();
      if (isOpen) sink.lineTo(px, py);
      else sink.moveTo(px, py);
      isOpen = true;
      [column, x, low, high, last] = [here, px, py, py, py];
      continue;
    }
    x = px;
    last = py;
    if (py < low) low = py;
    if (py > high) high = py;
  }
  endColumn();
}

/** Draws a smooth curve with one point for each `width` pixels: it has no peaks between them that would be lost. */
export function drawSmoothPath(
  sink: PathSink,
  { xs, ys }: CurvePoints,
  [from, to]: readonly [number, number],
  placeX: (x: number) => number,
  placeY: (y: number) => number,
  width: number,
): void {
  let column = Number.NaN;
  let isOpen = false;
  for (let i = from; i < to; i++) {
    const px = placeX(xs[i]!);
    const py = placeY(ys[i]!);
    if (!Number.isFinite(py) || !Number.isFinite(px)) {
      isOpen = false;
      column = Number.NaN;
      continue;
    }
    const here = Math.round(px / width);
    const isLast = i === to - 1 || !Number.isFinite(ys[i + 1]!);
    if (isOpen && here === column && !isLast) continue;
    if (isOpen) sink.lineTo(px, py);
    else sink.moveTo(px, py);
    isOpen = true;
    column = here;
  }
}

/** The index of the first x that is not below `x`. */
export function findFirst(xs: ArrayLike<number>, x: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the point nearest to `x`; -1 for a curve without points. */
export function findNearest(xs: ArrayLike<number>, x: number): number {
  const after = findFirst(xs, x);
  if (after === 0) return xs.length === 0 ? -1 : 0;
  if (after === xs.length) return after - 1;
  return x - xs[after - 1]! <= xs[after]! - x ? after - 1 : after;
}

/** The points within the range and one on each side, as indices. */
export function findShown(xs: ArrayLike<number>, min: number, max: number): readonly [number, number] {
  return [Math.max(0, findFirst(xs, min) - 1), Math.min(xs.length, findFirst(xs, max) + 2)];
}
