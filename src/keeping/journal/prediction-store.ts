// The port of the prediction log: receipts of what servers predicted, found again by their id.
//
// Every implementation guarantees, and test/conformance/prediction-store.ts checks:
// - Order: ids of one journal never go back in time, also when the clock does.
// - Durability: `add` only hands a receipt over, so that a prediction never waits for the store. A receipt survives a
//   kill of the process once a `flush` called after it has resolved; a crash of the machine may take the last ones.
// - Loss: the id of a receipt is handed out only while the store takes receipts. Once it refuses (a full disk, for example),
//   `add` returns null until it takes them again; receipts handed over before are kept in memory and tried again, so that
//   an id that was handed out is found. Each refusal is reported, and predictions go on.
// - Crash: a kill takes at most the receipts that were not flushed; all others are found.
// - Two processes: any number may keep journals at once; `find` sees what each of them has flushed, and what this
//   process's own journal still holds if it is asked there.
// - Limits: receipts older than `maxDays` go, and the oldest go once all together exceed `maxBytes`.
// - Errors: those named at each method, always as a rejected promise.
import type { ReceiptRecord } from '../../foundation/records/index.ts';

export interface JournalOptions {
  /** Keep the articles, too. */
  readonly keepText: boolean;
  /** The limit for all receipts together, including those of other processes. */
  readonly maxBytes: number;
  readonly maxDays: number;
}

/** A receipt without id and time, which the journal adds. */
export type NewReceipt = Omit<ReceiptRecord, 'schemaVersion' | 'id' | 'createdAt' | 'article'> & {
  readonly article: NonNullable<ReceiptRecord['article']>;
};

/** A receipt that matches any of these. */
export interface ReceiptFilter {
  /** Model versions, as receipts name them. */
  readonly models: ReadonlySet<string>;
  readonly runs: ReadonlySet<string>;
  readonly datasets: ReadonlySet<string>;
  /** Hashes of articles as they were sent. */
  readonly contents: ReadonlySet<string>;
}

/** What a receipt says without the measures and the article. */
export type ReceiptHead = Pick<
  ReceiptRecord,
  'id' | 'createdAt' | 'modelVersion' | 'runId' | 'datasetVersion' | 'contentSha256'
> &
  Pick<ReceiptRecord, 'label' | 'probability' | 'abstained'>;

export interface PredictionStore {
  /** Finds a receipt that any process has flushed. @throws RECORD_INVALID */
  find(id: string): Promise<ReceiptRecord | undefined>;
  /**
   * Reads all receipts that any process has flushed, those of one process in their order; lines that cannot be read are left
   * out. It reads a hundred thousand receipts in about a second and holds none of them.
   */
  scan(filter: ReceiptFilter): AsyncIterable<ReceiptHead>;
  /** Starts a journal for this process; creates nothing before the first receipt. */
  openJournal(options: JournalOptions): PredictionJournal;
}

/** The receipts of one server, written in the background. */
export interface PredictionJournal {
  /** Hands a receipt over. @returns its id at once; null if it is not kept: the store refuses receipts, or is too slow */
  add(receipt: NewReceipt): string | null;
  /** Like the store's `find`, but also finds receipts that are not flushed yet. @throws RECORD_INVALID */
  find(id: string): Promise<ReceiptRecord | undefined>;
  /** From now on, calls the listener when receipts are lost, and when the store refuses them or takes them again. */
  watch(listener: JournalListener): void;
  /** Writes what was added before. Never rejects; what could not be written is tried again later. */
  flush(): Promise<void>;
  /** Writes what was added before and takes nothing more; what cannot be written now is lost. */
  close(): Promise<void>;
}

export interface JournalListener {
  /** @param reason  code of the system, such as ENOSPC; SLOW: too many receipts wait for the disk */
  onLost(receipts: number, reason: string): void;
  /** The store refused receipts. It is tried again once a second. @param waiting  receipts that are kept in memory */
  onRefused(reason: string, waiting: number): void;
  /** It takes receipts again, and has those that waited. */
  onRecovered(): void;
}
