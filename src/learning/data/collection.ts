// Reads another collection of articles on which a model is evaluated. It cleans the articles as training does, but does
// not split or store them. Rows with a label that the model does not know (satire, for example) are skipped and counted.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { appError, expandHome } from '../../foundation/core/index.ts';
import type { DatasetArticle } from '../../foundation/records/index.ts';
import { cleanArticle } from '../../text/clean/index.ts';
import { isBadRow } from './csv-parser.ts';
import { createLabelRules } from './label-rules.ts';
import { readLabelledRow } from './labelled-rows.ts';
import type { ColumnMap } from './options.ts';
import { readRawRows } from './raw-rows.ts';
import type { ReadingOptions } from './reading.ts';
import { RejectCounts } from './reject-reason.ts';
import { locateCollectionFiles, type SourceFile } from './source-files.ts';

export interface CollectionOptions {
  readonly name: string;
  readonly path: string;
  readonly columns: ColumnMap;
  readonly labels: Readonly<Record<string, string | null>> | null;
  /** How the file is read; null: found from it. */
  readonly reading: ReadingOptions;
  /** The model's classes, in its order. */
  readonly classNames: readonly string[];
  readonly strip: boolean;
}

/** How the encoding is named, for messages. */
export const COLLECTION_ENCODING = "the collection's encoding: ";

export interface Collection extends AsyncIterable<DatasetArticle> {
  readonly name: string;
  /** Complete once all articles have been read. */
  readonly counts: { read: number; kept: number; empty: number; skipped: RejectCounts };
}

/**
 * Opens a collection; it can be iterated once.
 * @throws while iterating: FILE_NOT_FOUND, DATA_COLUMN_UNSET, DATA_COLUMN_MISSING, DATA_FILE_INVALID
 */
export function readCollection(options: CollectionOptions): Collection {
  const counts: Collection['counts'] = { read: 0, kept: 0, empty: 0, skipped: new RejectCounts() };
  const rules = createLabelRules({ labels: options.labels, classes: options.classNames });
  async function* articles(): AsyncGenerator<DatasetArticle> {
    if (options.columns.label === null) throw appError('DATA_COLUMN_UNSET', { role: 'label' });
    const path = resolve(expandHome(options.path));
    for (const file of await locateCollectionFiles(path, options.columns, options.reading)) yield* read(file);
  }
  async function* read(file: SourceFile): AsyncGenerator<DatasetArticle> {
    for await (const batch of readRawRows({ ...file, encodingArgument: COLLECTION_ENCODING })) {
      for (const raw of batch.rows) {
        counts.read++;
        const row = readLabelledRow(raw, file, rules);
        if (isBadRow(row)) {
          counts.skipped.add(row.reason);
          continue;
        }
        const { article } = cleanArticle(row, options);
        if (article.text === '') {
          counts.empty++;
          continue;
        }
        counts.kept++;
        const hash = createHash('md5')
          .update(article.title)
          .update('\0')
          .update(article.text)
          .digest('hex')
          .slice(0, 16);
        const label = options.classNames.indexOf(row.label);
        yield {
          id: row.id ?? `a-${hash}`,
          group: `g-${hash}`,
          ...article,
          label,
          source: row.source,
          publishedAt: row.publishedAt,
        };
      }
    }
  }
  return { name: options.name, counts, [Symbol.asyncIterator]: () => articles() };
}
