// Warnings about what is unusual in one article, as facts: a code and the numbers behind it. Programs count these; sentences
// are made from them where people read them (warning-sentences.ts). No warning names a word of the article.
import { z } from 'zod';
import { textUnitSchema } from './text-unit.ts';

const message = { message: z.string().meta({ description: 'The same as a sentence.' }) };

const articleShort = z.strictObject({
  code: z.literal('ARTICLE_SHORT'),
  /** The number in the article. */
  tokens: z.int(),
  /** The limit: nearly all training articles have at least this many. */
  usualTokens: z.int(),
  unit: textUnitSchema,
});
const articleTruncated = z.strictObject({
  code: z.literal('ARTICLE_TRUNCATED'),
  /** The number in the whole article. */
  articleTokens: z.int(),
  /** Most that the model reads. */
  maxTokens: z.int(),
  kept: z.enum(['head', 'head+tail']),
  unit: textUnitSchema,
});
/** The text is only a web or mail address, which no model opens: the title alone was read. */
const textOnlyAddress = z.strictObject({ code: z.literal('TEXT_ONLY_ADDRESS') });
const unusualLetters = z.strictObject({
  code: z.literal('OUT_OF_DISTRIBUTION_LETTERS'),
  /** Mean log2 probability of the article's letter pairs. */
  score: z.number(),
  /** The lowest that counts as usual for an article of this length. */
  lowest: z.number(),
});
const unusualDistance = z.strictObject({
  code: z.literal('OUT_OF_DISTRIBUTION_DISTANCE'),
  /** embedding: standard deviations to the nearest class; features: share of features unseen in training. */
  kind: z.enum(['embedding', 'features']),
  distance: z.number(),
  /** The highest that counts as usual. */
  highest: z.number(),
});

export const warningSchema = z.discriminatedUnion('code', [
  articleShort,
  articleTruncated,
  textOnlyAddress,
  unusualLetters,
  unusualDistance,
]);
export type Warning = z.infer<typeof warningSchema>;

/** A warning from a receipt of version 1, which kept sentences only. */
const uncoded = z.strictObject({ code: z.literal('UNCODED'), ...message });

/** The warnings in receipts, also those that were written before warnings had codes. */
export const receiptWarningSchema = z.discriminatedUnion('code', [...warningSchema.options, uncoded]);
export type ReceiptWarning = z.infer<typeof receiptWarningSchema>;

/** Warnings as the API gives them: facts, each with its sentence. */
export const warningFactSchema = z.discriminatedUnion('code', [
  articleShort.extend(message),
  articleTruncated.extend(message),
  textOnlyAddress.extend(message),
  unusualLetters.extend(message),
  unusualDistance.extend(message),
]);
export const receiptWarningFactSchema = z.discriminatedUnion('code', [...warningFactSchema.options, uncoded]);
