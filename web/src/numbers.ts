// Formats numbers and shortens texts for people. A probability is never shown as 0% or 100%, because no model is that sure.
const count = new Intl.NumberFormat('en');

/** `97%`, `>99%`, `<1%`. */
export function formatProbability(probability: number): string {
  if (probability > 0.99) return '>99%';
  if (probability < 0.01) return '<1%';
  return `${Math.round(probability * 100)}%`;
}

/**
 * Formats a probability beside the threshold that it is compared with: with as many digits as it takes to tell them apart,
 * so that "90%" is never shown as too low for "90%".
 */
export function formatBeside(probability: number, threshold: number): readonly [string, string] {
  const whole = [formatProbability(probability), formatProbability(threshold)] as const;
  if (whole[0] !== whole[1] || probability === threshold) return whole;
  for (let digits = 1; digits < 12; digits++) {
    const shown = [probability, threshold].map((share) => `${(share * 100).toFixed(digits)}%`);
    if (shown[0] !== shown[1]) return [shown[0]!, shown[1]!];
  }
  return whole;
}

/** Formats the probability of a predicted class; never as high as the threshold that a "not sure" did not reach. */
export function formatPredicted(
  { probability, abstained }: { readonly probability: number; readonly abstained: boolean },
  threshold: number,
): string {
  return abstained ? formatBeside(probability, threshold)[0] : formatProbability(probability);
}

/** Formats how much of a long article was read: never 0%, and never 100% of an article that was cut. */
export function formatReadShare(read: number, whole: number): string {
  return `${Math.max(1, Math.min(99, Math.round((read / whole) * 100)))}%`;
}

/** Formats a measured share: `93.4%`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** Formats a configured share: `10%`, `2.5%`. */
export function formatWholeShare(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}

/** `1,234` */
export function formatCount(value: number): string {
  return count.format(value);
}

/** Formats the rounded size of a model: `5 million`, `820 thousand`, `950`. */
export function formatSize(value: number): string {
  const rounded = Number(value.toPrecision(2));
  if (rounded >= 1e6) return `${rounded / 1e6} million`;
  return rounded >= 1000 ? `${rounded / 1000} thousand` : String(value);
}

/** `3 January 2026` */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? iso
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

export function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

/** Formats a duration: `0.4 s`, `12 s`, `3 min`. */
export function formatSeconds(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** Formats a time in the time zone of the browser: `3 Jan 2026, 14:05`. */
export function formatTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? iso
    : date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/**
 * Formats the change from one probability to another in percentage points, as the two rounded numbers beside it suggest:
 * `+12`, `−3`; `0` if both are shown as the same number, `<1` if only their rounding tells them apart.
 */
export function formatPointsChange(from: number, to: number): string {
  if (formatProbability(from) === formatProbability(to)) return '0';
  const points = Math.round(to * 100) - Math.round(from * 100);
  if (points === 0) return '<1';
  return `${points > 0 ? '+' : '−'}${Math.abs(points)}`;
}

/** The first words of a text, in place of a title. */
export function shorten(text: string): string {
  const start = text.trim().slice(0, 90);
  return start.length < text.trim().length ? `${start.trimEnd()}…` : start;
}
