// The changes of runs as a stream of server-sent events for one client. A client that reads slowly gets fewer events, not
// a longer queue: changes that wait are merged by run, and a client that reads nothing for a while is cut off.
// Source: WHATWG HTML, section 9.2.
import { Readable } from 'node:stream';
import type { ServedChanges, ServedRun } from './run-schemas.ts';

const HEARTBEAT_MS = 15_000;
/** Of a client that reads nothing. */
const STALLED_MS = 60_000;
/** The browser connects again after this time. */
const RETRY_MS = 1000;

export class ChangeStream extends Readable {
  readonly #heartbeat: NodeJS.Timeout;
  #canWrite = true;
  #isEnding = false;
  #stalledSince: number | null = null;
  #waitingRuns = new Map<string, ServedRun>();
  #waitingDeleted = new Set<string>();
  #waitingCursor: string | null = null;

  constructor(heartbeatMs = HEARTBEAT_MS) {
    super({ highWaterMark: 65_536 });
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  send({ cursor, runs, deleted }: ServedChanges): void {
    for (const run of runs) {
      this.#waitingRuns.set(run.id, run);
      this.#waitingDeleted.delete(run.id);
    }
    for (const id of deleted) {
      this.#waitingDeleted.add(id);
      this.#waitingRuns.delete(id);
    }
    this.#waitingCursor = cursor;
    if (this.#canWrite) this.#flush();
  }

  /** Ends the stream after what was sent. */
  end(): void {
    clearInterval(this.#heartbeat);
    if (this.destroyed || this.#isEnding) return;
    this.#flush();
    this.#isEnding = true;
    this.push(null);
  }

  override _read(): void {
    this.#canWrite = true;
    this.#stalledSince = null;
    this.#flush();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearInterval(this.#heartbeat);
    callback(error);
  }

  #flush(): void {
    const cursor = this.#waitingCursor;
    if (cursor === null || this.#isEnding) return;
    const changes: ServedChanges = {
      cursor,
      runs: [...this.#waitingRuns.values()],
      deleted: [...this.#waitingDeleted],
    };
    this.#waitingRuns = new Map();
    this.#waitingDeleted = new Set();
    this.#waitingCursor = null;
    this.#write(`event: changes\nid: ${cursor}\ndata: ${JSON.stringify(changes)}\n\n`);
  }

  #beat(): void {
    if (this.#canWrite) this.#write(': \n\n');
    else if (this.#stalledSince !== null && Date.now() - this.#stalledSince > STALLED_MS) this.destroy();
  }

  #write(text: string): void {
    this.#canWrite = this.push(text);
    if (!this.#canWrite) this.#stalledSince ??= Date.now();
  }
}
