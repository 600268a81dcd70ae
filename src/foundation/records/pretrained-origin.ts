// Which pretrained checkpoint a model was fine-tuned from: part of a run and of a model folder.
import { z } from 'zod';

export const pretrainedOriginSchema = z.strictObject({
  /** As the configuration names it: a name on the Hub or a folder. */
  name: z.string(),
  /** Commit on the Hub; null for a folder. */
  revision: z.string().nullable(),
  /** Of the weights; of the list of the shards' digests where there are several. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type PretrainedOrigin = z.infer<typeof pretrainedOriginSchema>;

/** Names the weights in `parents`. */
export function formatOriginId({ sha256 }: PretrainedOrigin): string {
  return `sha256:${sha256}`;
}
