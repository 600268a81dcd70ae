// JSON logs on stderr (pino). Logs have ids, counts and durations, never text of an article.
import { pino } from 'pino';
import { standardError } from './line-writer.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Creates a logger. By default it writes synchronously, so that no line is lost when the process ends. */
export function createLogger(
  level: LogLevel,
  destination: { write(text: string): unknown } = standardError,
): Logger {
  const stream = { write: (text: string): void => void destination.write(text) };
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}
