// How a data file was read: what was set, found or assumed about its bytes. The manifest of a dataset version keeps it.
import { z } from 'zod';

export const fileReadingSchema = z.strictObject({
  /** The name of the file; of a file in a zip archive, with the name of the archive before it. */
  file: z.string(),
  format: z.enum(['csv', 'jsonl', 'parquet']),
  /** What it was unpacked from, the outermost first. */
  unpacked: z.array(z.enum(['gzip', 'zip'])),
  /** As the Encoding Standard calls it; null: Parquet, which has none. */
  encoding: z.string().nullable(),
  /** set: by the caller; model: as the training file; mark: a byte order mark; found: from the bytes; assumed: the most likely one. */
  encodingFrom: z.enum(['set', 'model', 'mark', 'found', 'assumed']).nullable(),
  /** Its name or the character; null: no CSV, or one column. */
  separator: z.string().nullable(),
  /** declared: by a first line such as sep=; and found: from the header. */
  separatorFrom: z.enum(['set', 'model', 'declared', 'found']).nullable(),
  /** The class names that stand in the file in place of numbers; null: none. */
  labelNames: z.array(z.string()).readonly().nullable(),
});
export type FileReading = z.infer<typeof fileReadingSchema>;
