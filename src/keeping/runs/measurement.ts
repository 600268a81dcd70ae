// What a run measures, as the port hands it in and out: measurements in, points, curves, texts and histograms out.

/** Where a training is: all three grow. */
export interface Moment {
  readonly step: number;
  readonly epoch: number;
  /** Articles seen since the start of the run. */
  readonly articles: number;
}

/** What was measured at one moment of a run. Names are snake_case; values may be NaN or infinite. */
export interface NewMeasurement extends Moment {
  /** Milliseconds since 1970; absent: the time of the call. */
  readonly timeMs?: number;
  readonly values: Readonly<Record<string, number>>;
}

/** One value of one metric. */
export interface Point extends Moment {
  readonly timeMs: number;
  readonly value: number;
}

/** A point that was asked for with the hidden ones. */
export interface KeptPoint extends Point {
  /** From 1; each resume begins the next. */
  readonly attempt: number;
  /** A later attempt resumed before it, or a later point of the same step replaces it. */
  readonly hidden: boolean;
}

/** The visible points of one metric in few numbers. NaN counts, but is min or max only where there is nothing else. */
export interface MetricSummary {
  readonly name: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly firstStep: number;
  readonly lastStep: number;
  /** Step of the first point with the value `min`. */
  readonly minStep: number;
  readonly maxStep: number;
  /** Milliseconds since 1970. */
  readonly lastTimeMs: number;
}

export type PointAxis = 'step' | 'epoch' | 'time' | 'articles';

export interface CurveRequest {
  readonly axis: PointAxis;
  /** Both ends count; absent: from the first, to the last. For `time` in milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
  /** At least 2. */
  readonly maxPoints: number;
}

/** A line to draw: points of the run in the order of the axis, never more than were asked for. */
export interface Curve {
  /** Visible points in the range. */
  readonly total: number;
  /** All of them; or the first, the last, and between them the lowest and the highest of each bucket. */
  readonly points: readonly Point[];
}

export interface RecordedText extends Moment {
  readonly name: string;
  readonly timeMs: number;
  readonly text: string;
}

export interface Histogram {
  /** One more than counts. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export interface RecordedHistogram extends Moment, Histogram {
  readonly name: string;
  readonly timeMs: number;
}
