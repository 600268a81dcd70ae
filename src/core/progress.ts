// One progress bar at a time, on stderr, with rate and ETA; silent where stderr is no terminal (logs tell there).
import { MultiBar, Presets } from 'cli-progress';

const SHOW_AFTER_MS = 500;

export interface Progress {
  /** Sets how much is done; `note` is shown behind the bar (a loss, a count). */
  update(done: number, note?: string): void;
  stop(): void;
}

export type ProgressFactory = (label: string, total: number, unit: string) => Progress;

export const silentProgress: ProgressFactory = () => ({ update: () => {}, stop: () => {} });

/** A bar such as `train ████░░ 120/300 articles · 812/s · ETA 12s · loss 0.31`; appears after half a second. */
export const terminalProgress: ProgressFactory = (label, total, unit) => {
  if (!process.stderr.isTTY) return silentProgress(label, total, unit);
  const startMs = performance.now();
  const bars = new MultiBar(
    {
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      format: `${label} {bar} {value}/{total} ${unit} · {rate}/s · ETA {left} {note}`,
    },
    Presets.shades_classic,
  );
  let bar: ReturnType<typeof bars.create> | undefined;
  return {
    update: (done, note = '') => {
      const seconds = (performance.now() - startMs) / 1000;
      if (seconds * 1000 < SHOW_AFTER_MS) return;
      const rate = done / seconds;
      const payload = {
        rate: rate >= 100 ? Math.round(rate) : rate.toPrecision(2),
        left: formatDuration((total - done) / Math.max(rate, 1e-9)),
        note: note === '' ? '' : `· ${note}`,
      };
      bar ??= bars.create(total, 0, payload);
      bar.update(done, payload);
    },
    stop: () => bars.stop(),
  };
};

/** Seconds as `12s`, `3m 20s` or `1h 05m`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3600)}h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`;
}
