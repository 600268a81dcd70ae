// Formats measured values and places on the x axis.
import { listTicks } from './scale.ts';

export const AXES = ['step', 'epoch', 'time', 'articles'] as const;
/** What the x axis counts. `time` is in seconds since the run started. */
export type Axis = (typeof AXES)[number];

/** `0.1234`, `12.3`, `1.2e-5`, `NaN`, `∞`. */
export function formatValue(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size < 1e-3 || size >= 1e7
      ? value
          .toExponential(2)
          .replace(/\.?0+e/, 'e')
          .replace('e+', 'e')
      : size >= 1000
        ? Math.round(value).toLocaleString('en')
        : String(Number(value.toPrecision(4)));
  return text.replace(/^-/, '−');
}

/** Short, for ticks: `20k`, `0.05`, `1e-5`. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e10))
    return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e').replace(/-/g, '−');
  for (const [unit, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (size >= unit * 10 || (size >= unit && value % (unit / 10) === 0))
      return `${Number((value / unit).toPrecision(4))}${suffix}`.replace(/^-/, '−');
  return String(Number(value.toPrecision(6))).replace(/^-/, '−');
}

/** `8 s`, `2 min 5 s`, `1 h 20 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const parts: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const whole = Math.round(seconds);
  const at = parts.findIndex(([size]) => whole >= size);
  const [size, unit] = parts[at]!;
  const [small, smallUnit] = parts[at + 1] ?? [1, ''];
  const rest = Math.floor((whole % size) / small);
  return rest === 0 || smallUnit === ''
    ? `${Math.floor(whole / size)} ${unit}`
    : `${Math.floor(whole / size)} ${unit} ${rest} ${smallUnit}`;
}

export function formatPlaceOn(axis: Axis, x: number): string {
  if (axis === 'time') return formatDuration(x);
  return axis === 'epoch' ? String(Number(x.toFixed(2))) : Math.round(x).toLocaleString('en');
}

const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Ticks for seconds: whole minutes and hours instead of multiples of ten. */
export function listTimeTicks(min: number, max: number, count: number): number[] {
  const rough = (max - min) / Math.max(1, count);
  if (rough < 0.5 || rough > 86_400) return listTicks(min, max, count);
  const step = TIMES.find((size) => size >= rough) ?? 86_400;
  const ticks: number[] = [];
  for (let tick = Math.ceil(min / step) * step; tick <= max; tick += step) ticks.push(tick);
  return ticks;
}
