// Readers' feedback as rows for the next dataset: one row per prediction, in the columns that preparing data reads.
// The newest label counts; feedback that only agrees counts as the predicted label.
import { hashMd5, writeFileAtomic } from '../../foundation/core/index.ts';
import type { Feedback } from '../../foundation/records/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** One row of the file. */
export interface FeedbackRow {
  /** Id of the prediction. */
  readonly id: string;
  /** Present if the server kept the article (serve.log.text=true). */
  readonly title?: string;
  readonly text?: string;
  /** Class that readers give; null if they disagree without naming one, or only comment. */
  readonly label: string | null;
  readonly source: 'feedback';
  /** Time of the newest feedback. */
  readonly date: string;
  readonly contentSha256: string;
  readonly predicted: string;
  readonly probability: number;
  readonly modelVersion: string;
  /** Number of feedbacks on this prediction. */
  readonly opinions: number;
  /** Whether readers gave different labels. */
  readonly disputed: boolean;
  readonly comments: readonly string[];
  readonly reviewers: readonly string[];
}

export interface FeedbackExportRequest {
  /** Absolute path of the JSON Lines file. */
  readonly out: string;
  /** Write only rows that have an article and an undisputed label. */
  readonly readyOnly: boolean;
}

/** What was written, and how many predictions lack what training needs. */
export interface ExportedFeedback {
  readonly out: string;
  /** Rows in the file. */
  readonly rows: number;
  /** Predictions with any feedback. */
  readonly predictions: number;
  /** Rows with an article and an undisputed label. */
  readonly ready: number;
  readonly withoutArticle: number;
  readonly withoutLabel: number;
  readonly disputed: number;
}

/** Writes the feedback of this home to a file. @throws RECORD_INVALID, DISK_FULL */
export async function exportFeedback(
  { out, readyOnly }: FeedbackExportRequest,
  { stores }: WorkflowContext,
): Promise<ExportedFeedback> {
  const all = collectFeedbackRows(await stores.feedback.load());
  const ready = all.filter(isReady);
  const rows = readyOnly ? ready : all;
  const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  writeFileAtomic(out, bytes);
  if (rows.length > 0)
    await stores.feedback.recordExport({
      parents: [...new Set(rows.map(({ modelVersion }) => modelVersion))],
      path: out,
      md5: hashMd5(bytes),
      sizeBytes: bytes.length,
      rows: rows.length,
    });
  return {
    out,
    rows: rows.length,
    predictions: all.length,
    ready: ready.length,
    withoutArticle: all.filter(({ text }) => text === undefined).length,
    withoutLabel: all.filter(({ label }) => label === null).length,
    disputed: all.filter(({ disputed }) => disputed).length,
  };
}

function isReady({ text, label, disputed }: FeedbackRow): boolean {
  return text !== undefined && label !== null && !disputed;
}

/** One row per prediction, in the order of each prediction's first feedback. */
export function collectFeedbackRows(log: readonly Feedback[]): FeedbackRow[] {
  const byId = new Map<string, Feedback[]>();
  for (const feedback of log) {
    const { id } = feedback.prediction;
    byId.set(id, [...(byId.get(id) ?? []), feedback]);
  }
  return [...byId.values()].map((opinions) => {
    const last = opinions.at(-1)!;
    const { id, article, contentSha256, label: predicted, probability, modelVersion } = last.prediction;
    const labels = opinions.flatMap(({ label, agrees }) => label ?? (agrees === true ? predicted : []));
    return {
      id,
      ...(article === undefined ? {} : { title: article.title, text: article.text }),
      label: labels.at(-1) ?? null,
      source: 'feedback',
      date: last.createdAt,
      contentSha256,
      predicted,
      probability,
      modelVersion,
      opinions: opinions.length,
      disputed: new Set(labels).size > 1,
      comments: opinions.flatMap(({ comment }) => comment ?? []),
      reviewers: [...new Set(opinions.flatMap(({ reviewer }) => reviewer ?? []))],
    };
  });
}
