// Which rows of a long table are drawn: those in sight and a few around them.

export interface VisibleRows {
  /** The first drawn row, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Heights of what is left out, in pixels. */
  readonly above: number;
  readonly below: number;
}

const AROUND = 8;

export function findVisibleRows(options: {
  readonly count: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly height: number;
}): VisibleRows {
  const { count, rowHeight, scrollTop, height } = options;
  const first = Math.floor(scrollTop / rowHeight) - AROUND;
  const last = Math.ceil((scrollTop + height) / rowHeight) + AROUND;
  const from = Math.max(0, Math.min(first, count));
  const to = Math.max(from, Math.min(last, count));
  return { from, to, above: from * rowHeight, below: (count - to) * rowHeight };
}
