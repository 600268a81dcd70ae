// Why a row of a raw file is unusable, as a value with a code, and counts of such reasons. `reject-reason-sentences.ts`
// has the sentence of each; only texts for people and the list of rejected rows hold sentences.

/** A detail stands in a reason only if rows that differ in it are counted apart. */
export type RejectReason =
  | { readonly code: 'ENCODING_INVALID' }
  | { readonly code: 'ROW_TOO_LONG'; readonly limitBytes: number }
  /** A row of CSV that never ends: it is too long, or one of its quotes is not closed. */
  | { readonly code: 'ROW_UNENDED'; readonly limitBytes: number }
  | { readonly code: 'QUOTE_UNCLOSED' }
  | { readonly code: 'QUOTE_TEXT_AFTER' }
  /** A quoted field whose lines each look like a row: its quote was not meant to open a field. */
  | { readonly code: 'QUOTE_OVER_ROWS' }
  | { readonly code: 'FIELDS_MISSING' }
  | { readonly code: 'FIELDS_EXTRA' }
  /** The header again, as in files that were put together. */
  | { readonly code: 'HEADER_REPEATED' }
  | { readonly code: 'JSON_INVALID' }
  | { readonly code: 'JSON_NOT_OBJECT' }
  /** `column` is null if the column map names no column for the text. */
  | { readonly code: 'TEXT_MISSING'; readonly column: string | null }
  | { readonly code: 'LABEL_EMPTY' }
  /** `data.labels` has no class for the label. */
  | { readonly code: 'LABEL_UNMAPPED' }
  | { readonly code: 'LABEL_TOO_LONG'; readonly limitChars: number }
  /** The label is not one of the classes. */
  | { readonly code: 'LABEL_UNKNOWN' }
  /** `data.labels` maps the label to null: the rows are left out on purpose. */
  | { readonly code: 'LABEL_LEFT_OUT' }
  /** An earlier row has the same id. */
  | { readonly code: 'ID_REPEATED' };

/** Why a row without a label holds no article to predict. */
export type ArticleRejectReason =
  | RejectReason
  /** `columns` are the expected ones, in words. */
  | { readonly code: 'TITLE_AND_TEXT_MISSING'; readonly columns: string }
  | { readonly code: 'FIELD_NESTED'; readonly column: string }
  | { readonly code: 'TITLE_AND_TEXT_EMPTY' };

export interface RejectCount {
  readonly reason: RejectReason;
  readonly count: number;
}

/** Counts rows by reason: by its code and its details. */
export class RejectCounts {
  readonly #counts = new Map<string, RejectCount>();

  add(reason: RejectReason): void {
    const key = JSON.stringify(reason);
    this.#counts.set(key, { reason, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  /** The counts, in the order in which the reasons were first added. */
  list(): RejectCount[] {
    return [...this.#counts.values()];
  }
}
