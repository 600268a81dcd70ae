// One article of a dataset version: a line of a split's JSONL blob, already cleaned.
import { z } from 'zod';
import type { RecordType } from './record.ts';

export const articleSchema = z.strictObject({
  /** From the file's id column, else the content hash of title and text. */
  id: z.string().min(1),
  /** Name of the near-duplicate group; no group straddles splits. */
  group: z.string().min(1),
  title: z.string(),
  text: z.string(),
  /** Index into the manifest's classNames. */
  label: z.int().min(0),
  source: z.string().nullable(),
  /** ISO 8601 where it could be read, else null. Never a feature. */
  publishedAt: z.string().nullable(),
});

export type DatasetArticle = z.infer<typeof articleSchema>;

/** What a model reads. */
export interface ArticleText {
  readonly title: string;
  readonly text: string;
}

export const articleRecord: RecordType<DatasetArticle> = {
  name: 'article',
  schemaVersion: 1,
  schema: articleSchema,
  example: {
    id: 'a-0001',
    group: 'g-0001',
    title: 'Ferry to Port Aldane resumes',
    text: 'The ferry resumed on Tuesday after repairs to its engine.',
    label: 1,
    source: 'Aldane Courier',
    publishedAt: '2024-03-05',
  },
};
