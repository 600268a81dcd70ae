// What /openapi.json says about how much text an article needs: for the model that is served, one or two words. The check
// itself is judging/predict's; it also refuses words that are only an address or a dateline, which no pattern can say.
import type { ModelFolder } from '../../foundation/records/index.ts';
import { countNeededWords } from '../../judging/predict/index.ts';

/** What divides pieces of a text: white space, and signs around addresses and tags. */
const DIVIDERS = '\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000<>\\[\\]"|';
/** The start of a piece up to its first letter; those of addresses and handles begin otherwise. */
const ONE_WORD = `(^|[${DIVIDERS}])[^${DIVIDERS}?&#/@=]*\\p{L}`;
const TWO_WORDS = `${ONE_WORD}[^${DIVIDERS}?&#/@=]*[${DIVIDERS}]([\\s\\S]*[${DIVIDERS}])?[^${DIVIDERS}?&#/@=]*\\p{L}`;

export interface TextRule {
  /** For a text that is an article by itself. */
  readonly text: { readonly pattern: string; readonly description: string };
  /** For an object with title and text. */
  readonly article: { readonly anyOf: readonly object[]; readonly description: string };
}

export function describeTextRule(info: Pick<ModelFolder, 'usualTokens' | 'cleaning'>): TextRule {
  const isOne = countNeededWords(info) === 1;
  const pattern = isOne ? ONE_WORD : TWO_WORDS;
  const needed = isOne ? 'a word' : 'two words';
  const has = (patterns: Readonly<Record<string, string>>): object => ({
    required: Object.keys(patterns),
    properties: Object.fromEntries(
      Object.entries(patterns).map(([name, one]) => [name, { type: 'string', pattern: one }]),
    ),
  });
  return {
    text: { pattern, description: `At least ${needed}, not counting addresses.` },
    article: {
      anyOf: [
        has({ title: pattern }),
        has({ text: pattern }),
        ...(isOne ? [] : [has({ title: ONE_WORD, text: ONE_WORD })]),
      ],
      description: `Title and text have at least ${needed} together, not counting addresses; one of the two may be empty.`,
    },
  };
}
