// What /openapi.json says about how much text an article needs: for the model that is served, one or two words. The check
// itself is judging/predict's; it also refuses words that are only an address or a dateline, which no pattern can say.
import type { ModelFolder } from '../../foundation/records/index.ts';
import { countNeededWords } from '../../judging/predict/index.ts';

const WORD = '\\p{L}[\\p{L}\\p{M}]*';
const SPACE = '[ \\t\\r\\n]';
const END = '([ \\t\\r\\n.,;:!?]|$)';
/** Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, Japanese, Chinese. */
const UNSPACED =
  '[\\u0e01-\\u0e2e\\u0e81-\\u0eae\\u1000-\\u102a\\u1780-\\u17b3\\u3041-\\u3096\\u30a1-\\u30fa\\u4e00-\\u9fff]';
const ONE_WORD = `(^|${SPACE})${WORD}${END}|${UNSPACED}`;
const TWO_WORDS = `(^|${SPACE})${WORD},?${SPACE}+${WORD}${END}|${UNSPACED}{3}`;

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
