// Durations as people type them: 500ms, 30s, 2m, 1h.

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Seconds; a bare number is seconds; null where it is no duration. */
export function parseSeconds(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  if (match === null) return null;
  return Number(match[1]) * UNITS[match[2] ?? 's']!;
}

/** Milliseconds as `0.42 ms`, `48 ms` or `1.2 s`; null as a dash. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '–';
  if (ms >= 1000) return `${trim(ms / 1000, ms >= 9950 ? 1 : 2)} s`;
  return `${ms >= 99.5 ? Math.round(ms) : trim(ms, ms >= 10 ? 1 : 2)} ms`;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
