// Follows the changes of runs for all clients at once: one look at the store a second, and none while nobody watches. A run
// whose process died leaves no change, so the runs that were last seen running are looked at again from time to time.
import { isAppError, type Logger } from '../../foundation/core/index.ts';
import type { ServedChanges } from './run-schemas.ts';
import type { Studio } from './studio.ts';

const EVERY_MS = 1000;
/** A lease expires after 30 seconds. */
const RECHECK_EVERY = 10;

export type ChangeListener = (changes: ServedChanges) => void;

export class RunChangeFeed {
  readonly #studio: Studio;
  readonly #logger: Logger;
  readonly #everyMs: number;
  readonly #listeners = new Set<ChangeListener>();
  /** Status of each run that was last seen running. */
  readonly #running = new Set<string>();
  #cursor: string | undefined;
  #timer: NodeJS.Timeout | null = null;
  #looks = 0;

  constructor(studio: Studio, logger: Logger, everyMs = EVERY_MS) {
    this.#studio = studio;
    this.#logger = logger;
    this.#everyMs = everyMs;
  }

  /**
   * Calls `listener` with every change from now on. The first call, with the changes since `since`, is the returned value.
   * @returns the changes so far, and a function that ends the calls. @throws CURSOR_INVALID
   */
  async watch(
    since: string | undefined,
    listener: ChangeListener,
  ): Promise<{ readonly first: ServedChanges; readonly end: () => void }> {
    // It listens first: a change between the two may come twice, and none is lost.
    const early: ServedChanges[] = [];
    let deliver: ChangeListener = (changes) => early.push(changes);
    const forward: ChangeListener = (changes) => deliver(changes);
    this.#listeners.add(forward);
    const end = (): void => {
      this.#listeners.delete(forward);
      if (this.#listeners.size === 0) this.close();
    };
    try {
      const first = await this.#studio.changesSince(since);
      this.#note(first);
      this.#cursor ??= first.cursor;
      this.#timer ??= this.#plan();
      deliver = listener;
      queueMicrotask(() => {
        for (const changes of early) listener(changes);
      });
      return { first, end };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** A store may say nothing of a run that is gone. */
  announceDeleted(id: string): void {
    this.#running.delete(id);
    if (this.#cursor !== undefined) this.#tell({ cursor: this.#cursor, runs: [], deleted: [id] });
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#cursor = undefined;
    this.#running.clear();
  }

  #plan(): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), this.#everyMs).unref();
  }

  async #look(): Promise<void> {
    try {
      const changes = await this.#studio.changesSince(this.#cursor);
      this.#cursor = changes.cursor;
      this.#note(changes);
      this.#looks += 1;
      const ended = this.#looks % RECHECK_EVERY === 0 ? await this.#findEnded() : [];
      const runs = [...changes.runs, ...ended];
      if (runs.length > 0 || changes.deleted.length > 0) this.#tell({ ...changes, runs });
    } catch (error) {
      // The store may be busy or out of reach for a moment: the next look has the same cursor.
      const code = isAppError(error) ? error.code : 'unknown';
      this.#logger.warn({ code }, 'changes of runs could not be read');
    }
    if (this.#timer !== null) this.#timer = this.#plan();
  }

  /** Runs whose process ended without a word. */
  async #findEnded(): Promise<ServedChanges['runs']> {
    if (this.#running.size === 0) return [];
    const runs = await this.#studio.findRuns([...this.#running]);
    const ended = runs.filter(({ status }) => status !== 'running');
    for (const { id } of ended) this.#running.delete(id);
    return ended;
  }

  #note({ runs, deleted }: ServedChanges): void {
    for (const { id, status } of runs) {
      if (status === 'running') this.#running.add(id);
      else this.#running.delete(id);
    }
    for (const id of deleted) this.#running.delete(id);
  }

  #tell(changes: ServedChanges): void {
    for (const listener of this.#listeners) listener(changes);
  }
}
