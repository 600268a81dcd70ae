// JSON logs on stderr (pino). Never an article's text: log ids, counts and durations.
import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Creates the program's logger; it writes synchronously, so that nothing is lost when the process ends. */
export function createLogger(
  level: LogLevel,
  destination: 'stderr' | NodeJS.WritableStream = 'stderr',
): Logger {
  const stream = destination === 'stderr' ? pino.destination({ dest: 2, sync: true }) : destination;
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}
