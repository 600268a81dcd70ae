// Counts what comes out of all archives and compressed pages of one input, however they lie in one another.
import { appError } from '../../foundation/core/index.ts';

export class UnpackBudget {
  readonly #path: string;
  readonly #maxBytes: number | null;
  #spent = 0;

  /** @param maxBytes  null: any number */
  constructor(path: string, maxBytes: number | null) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** @throws DATA_FILE_INVALID if that is too much in all */
  spend(bytes: number): void {
    this.assertRoom(bytes);
    this.#spent += bytes;
  }

  /** @throws DATA_FILE_INVALID if so many would be too much */
  assertRoom(bytes: number): void {
    if (this.#maxBytes === null || this.#spent + bytes <= this.#maxBytes) return;
    throw appError('DATA_FILE_INVALID', {
      path: this.#path,
      expected: `at most ${this.#maxBytes} bytes when unpacked`,
      got: 'more',
      remedy: 'Send it in parts.',
    });
  }
}
