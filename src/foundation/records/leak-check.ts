// What the limits of data.leak_limits found when a dataset version was prepared. It names marks and columns, never the text of an
// article.
import { z } from 'zod';

const leakSchema = z.strictObject({
  /** Kebab-case, such as part-first or title-capitals. */
  name: z.string(),
  /** In words, such as: “(Nordwire)” at the beginning of the text. */
  summary: z.string(),
  /** The class that is given away. */
  className: z.string(),
  /** How well it tells that class from the others: 0.5 is chance. */
  separation: z.number(),
  /** The setting and the value that the low end of the interval is above. */
  setting: z.string(),
  limit: z.number(),
  /** What to do. */
  advice: z.string(),
});
export type Leak = z.infer<typeof leakSchema>;

export const leakCheckSchema = z.strictObject({
  /** What every model would read. */
  leaks: z.array(leakSchema),
  /** What only models read that tell capital letters from small ones. */
  caseLeaks: z.array(leakSchema),
  /** In columns that no model reads. */
  unread: z.array(leakSchema),
  /** The reason why the leaks are accepted (data.accept_leaks); null: there are none, or no reason was given. */
  accepted: z.string().nullable(),
});
export type LeakCheck = z.infer<typeof leakCheckSchema>;

/** Leaks that a training was allowed to learn, for the run and the model card. */
export const acceptedLeaksSchema = z.strictObject({ reason: z.string(), leaks: z.array(leakSchema) });
export type AcceptedLeaks = z.infer<typeof acceptedLeaksSchema>;
