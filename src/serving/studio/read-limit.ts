// Bounds how many reads of many records are in progress at once; further ones wait, and too many are refused, so that the
// studio cannot take the machine away from predictions.
import { appError } from '../../foundation/core/index.ts';

export class ReadLimit {
  readonly #atOnce: number;
  readonly #waitingLimit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ atOnce = 2, waiting = 64 }: { readonly atOnce?: number; readonly waiting?: number } = {}) {
    this.#atOnce = atOnce;
    this.#waitingLimit = waiting;
  }

  /** Reads when it is its turn. @throws SERVER_BUSY if too many wait already */
  async run<T>(read: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#waitingLimit)
        throw appError('SERVER_BUSY', { max: this.#atOnce + this.#waitingLimit });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await read();
    } finally {
      // the place goes to the next one that waits
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
