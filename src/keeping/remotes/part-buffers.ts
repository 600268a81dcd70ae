// Memory for parts that are being sent. All uploads of a remote share it, so it stays the same however many run at once.

export class PartBuffers {
  readonly #free: Buffer[] = [];
  readonly #waiting: (() => void)[] = [];
  #left: number;

  /** @param count  how many parts may be in memory at once */
  constructor(count: number) {
    this.#left = count;
  }

  /** Waits for a buffer of at least this size. Give it back with `release`. */
  async take(sizeBytes: number): Promise<Buffer> {
    if (this.#left === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#left--;
    const free = this.#free.pop();
    return free !== undefined && free.length >= sizeBytes ? free : Buffer.allocUnsafe(sizeBytes);
  }

  release(buffer: Buffer): void {
    this.#free.push(buffer);
    const next = this.#waiting.shift();
    if (next === undefined) this.#left++;
    else next();
  }
}
