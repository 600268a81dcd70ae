// The pretrained checkpoint that a model was fine-tuned from: part of a run and of a model folder.
import { z } from 'zod';

export const pretrainedOriginSchema = z.strictObject({
  /** Its name on the Hub, or that of its folder; models of early versions may have the path of the folder. */
  name: z.string(),
  /** Commit on the Hub; null for a folder. */
  revision: z.string().nullable(),
  /** sha256 of the weights; where they are sharded, of the list of the shards' digests. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type PretrainedOrigin = z.infer<typeof pretrainedOriginSchema>;

/** The name of the weights in `parents`. */
export function formatOriginId({ sha256 }: PretrainedOrigin): string {
  return `sha256:${sha256}`;
}
