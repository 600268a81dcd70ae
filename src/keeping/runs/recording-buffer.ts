// Holds what a run records until it is written: in the background, in batches, in order. What a failed write held stays and
// goes with the next one, so that the failure is told by the next `flush` that fails too, and nothing is lost to a disk
// that was full for a moment.

/** A killed process loses what it recorded in this time; the port allows a second. */
const WRITE_EVERY_MS = 250;

export class RecordingBuffer<T> {
  readonly #write: (items: readonly T[]) => Promise<void>;
  #items: T[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** @param write  writes all or none */
  constructor(write: (items: readonly T[]) => Promise<void>) {
    this.#write = write;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#timer ??= setTimeout(() => {
      this.flush().catch(() => {}); // the next flush writes it, or throws
    }, WRITE_EVERY_MS);
  }

  /** Resolves when everything that was added before is written. @throws what writing throws */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const done = this.#writing.then(() => this.#writeAll());
    this.#writing = done.catch(() => {});
    return done;
  }

  async #writeAll(): Promise<void> {
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    try {
      await this.#write(items);
    } catch (error) {
      this.#items = [...items, ...this.#items];
      throw error;
    }
  }
}
