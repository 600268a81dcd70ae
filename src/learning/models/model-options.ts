// Keys of the `model` group that several families share, spelt as people type them.
import { z } from 'zod';

export const count = z.int().min(1);
export const share = z.number().min(0).max(1);
export const truncation = z.enum(['head', 'head+tail']);

/** The `model` group of a choice that starts from a checkpoint. */
export function checkpointModelSchema<K extends string>(kind: K) {
  return z.strictObject({
    kind: z.literal(kind),
    /** A folder in Hugging Face's layout, or a name on its Hub. */
    path: z.string().min(1),
    /** Branch, tag or commit on the Hub; without meaning for a folder. */
    revision: z.string().min(1),
    /** Tokens read of an article, special tokens included. */
    max_length: count,
    truncation,
    /** linear: the first token's vector straight into the classifier; with two classes a sigmoid's one number. */
    head: z.enum(['standard', 'linear']).default('standard'),
    /** Rates that replace the checkpoint's own; null: none. */
    dropout: z
      .strictObject({
        embedding: share.optional(),
        attention: share.optional(),
        hidden: share.optional(),
        classifier: share.optional(),
      })
      .nullable(),
  });
}

export type CheckpointModelConfig = z.infer<ReturnType<typeof checkpointModelSchema<string>>>;
