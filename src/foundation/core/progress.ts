// Shows progress on standard error. On a terminal, a bar with rate and ETA stands below the printed lines; elsewhere only
// the lines are printed. Lines must be printed through the screen while a bar is shown, or they are lost behind it.

const SHOW_AFTER_MS = 500;
const REDRAW_MS = 100;
const LONGEST_BAR = 30;
const SHORTEST_BAR = 4;
const CLEAR_LINE = '\r\x1b[K';

export interface Progress {
  /** Sets the finished amount; `note` is shown behind the bar (a loss, a count). */
  update(done: number, note?: string): void;
  stop(): void;
}

/** Starts a bar; a `total` of 0 means that the amount is unknown. */
export type ProgressFactory = (label: string, total: number, unit: string) => Progress;

export const silentProgress: ProgressFactory = () => ({ update: () => {}, stop: () => {} });

/** The stream to which a screen writes: process.stderr, or a stub in tests. */
export interface ScreenStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Screen {
  /** Writes text that ends in a line break, above the bar if there is one. */
  print(text: string): void;
  /** Prints a warning as a block; yellow on a terminal, unless NO_COLOR is set. */
  warn(text: string): void;
  /** A bar such as `train ████░░ 120/300 steps · 8.2/s · ETA 22s · loss 0.31`; appears after half a second. */
  readonly progress: ProgressFactory;
}

const YELLOW = '\x1b[33m';
const RESET = '\x1b[0m';

export function createScreen(
  stream: ScreenStream,
  nowMs: () => number = () => performance.now(),
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Screen {
  /** The bar on the last line; '' if there is none. */
  let shown = '';
  const showBar = (line: string): void => {
    stream.write(`${CLEAR_LINE}${line}`);
    shown = line;
  };
  const print = (text: string): void => {
    stream.write(shown === '' ? text : `${CLEAR_LINE}${text}${shown}`);
  };
  const isColoured = stream.isTTY === true && (environment.NO_COLOR ?? '') === '';
  return {
    print,
    warn: (text) => {
      const lines = `warning: ${text}`.split('\n');
      print(lines.map((line) => (isColoured ? `${YELLOW}${line}${RESET}\n` : `${line}\n`)).join(''));
    },
    progress: (label, total, unit) => {
      if (stream.isTTY !== true) return silentProgress(label, total, unit);
      const startMs = nowMs();
      let drawnMs = Number.NEGATIVE_INFINITY;
      return {
        update: (done, note = '') => {
          const atMs = nowMs();
          if (atMs - startMs < SHOW_AFTER_MS || atMs - drawnMs < REDRAW_MS) return;
          drawnMs = atMs;
          const facts = { label, total, unit, done, note, seconds: (atMs - startMs) / 1000 };
          showBar(formatBar(facts, stream.columns ?? 80));
        },
        stop: () => {
          if (shown !== '') showBar('');
        },
      };
    },
  };
}

interface BarFacts {
  readonly label: string;
  readonly total: number;
  readonly unit: string;
  readonly done: number;
  readonly note: string;
  readonly seconds: number;
}

/** Formats a line of less than `columns` columns: first the bar becomes shorter, then the text is cut. */
export function formatBar({ label, total, unit, done, note, seconds }: BarFacts, columns: number): string {
  const rate = done / seconds;
  const of = total === 0 ? '' : `/${total.toLocaleString('en')}`;
  const words = [
    `${done.toLocaleString('en')}${of} ${unit}`,
    `${rate >= 100 ? Math.round(rate).toLocaleString('en') : rate.toPrecision(2)}/s`,
    ...(total === 0 ? [] : [`ETA ${formatDuration((total - done) / Math.max(rate, 1e-9))}`]),
    ...(note === '' ? [] : [note]),
  ].join(' · ');
  const room = columns - 1 - label.length - words.length - 2;
  const width = Math.min(LONGEST_BAR, Math.max(SHORTEST_BAR, room));
  const filled = total === 0 ? 0 : Math.min(width, Math.floor((done / total) * width));
  const bar = total === 0 ? '' : `${'█'.repeat(filled)}${'░'.repeat(width - filled)} `;
  return `${label} ${bar}${words}`.slice(0, columns - 1);
}

/** Bytes as `612 MB`. */
export function formatMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}

/** Seconds as `12s`, `3m 20s` or `1h 05m`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3600)}h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`;
}
