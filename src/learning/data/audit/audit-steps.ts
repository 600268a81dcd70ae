// The progress of an audit: rows read, then models trained; lets the event loop run so that signals arrive.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataContext } from '../options.ts';
import { viewNames } from './side.ts';

export interface AuditSteps {
  readonly signal: AbortSignal;
  row(): Promise<void>;
  model(): Promise<void>;
  stop(): void;
}

/** One bar for all: reading the rows counts as much as ten models. */
export function createAuditSteps(
  tableRows: number,
  isWhole: boolean,
  { progress, signal }: Pick<DataContext, 'progress' | 'signal'>,
): AuditSteps {
  const models = isWhole ? viewNames.length * 2 + 22 : viewNames.length;
  const perModel = Math.max(1, Math.ceil(tableRows / 12));
  const bar = progress('auditing', tableRows + models * perModel, 'steps');
  let [rows, done] = [0, 0];
  return {
    signal,
    row: async () => {
      if (++rows % 512 !== 0) return;
      bar.update(rows);
      await nextTurn();
      signal.throwIfAborted();
    },
    model: async () => {
      done++;
      bar.update(rows + Math.min(done, models) * perModel);
      await nextTurn();
      signal.throwIfAborted();
    },
    stop: bar.stop,
  };
}
