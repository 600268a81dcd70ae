import { expect, test } from 'vitest';
import type { ModelLimit } from './model-limit.ts';
import { buildLimitAnswer, formatModelLimit } from './model-limit-sentences.ts';
import { nameNouns } from './noun.ts';
import type { Warning } from './warning.ts';
import { buildWarningAnswer, formatWarning, nameUnit } from './warning-sentences.ts';

test.each<[Warning, RegExp]>([
  [
    { code: 'ARTICLE_SHORT', tokens: 31, usualTokens: 181, unit: 'features' },
    /is shorter than .* \(31 words and word groups, usually at least 181\): treat the prediction with care\.$/,
  ],
  [
    { code: 'TEXT_ONLY_ADDRESS' },
    /^The text is only an address, .* from the title alone\. Send the text of the article\.$/,
  ],
  [
    { code: 'ARTICLE_TRUNCATED', articleTokens: 900, maxTokens: 256, kept: 'head', unit: 'tokens' },
    /only its beginning was read \(28%: 256 of 900 tokens\)\.$/,
  ],
  [
    { code: 'ARTICLE_TRUNCATED', articleTokens: 900, maxTokens: 256, kept: 'head+tail', unit: 'tokens' },
    /only its beginning and the end was read/,
  ],
  [{ code: 'OUT_OF_DISTRIBUTION_LETTERS', score: -9, lowest: -8 }, /another language.*means little\.$/],
  [
    { code: 'OUT_OF_DISTRIBUTION_DISTANCE', kind: 'features', distance: 0.769, highest: 0.31 },
    /\(77% of its words and word groups are new to the model, usually at most 31%\)/,
  ],
  [
    { code: 'OUT_OF_DISTRIBUTION_DISTANCE', kind: 'embedding', distance: 2.345, highest: 1.2 },
    /\(distance 2\.35, usually at most 1\.20\)/,
  ],
  [
    { code: 'OUT_OF_DISTRIBUTION_DISTANCE', kind: 'features', distance: 0.3143, highest: 0.3096 },
    /\(31\.4% of its words and word groups are new to the model, usually at most 31\.0%\)/,
  ],
  [
    { code: 'OUT_OF_DISTRIBUTION_DISTANCE', kind: 'embedding', distance: 0.4012, highest: 0.401 },
    /\(distance 0\.4012, usually at most 0\.4010\)/,
  ],
])('the warning %o has a sentence with its numbers', (warning, sentence) => {
  expect(formatWarning(warning)).toMatch(sentence);
  expect(buildWarningAnswer([warning])).toEqual({
    warnings: [formatWarning(warning)],
    warningFacts: [{ ...warning, message: formatWarning(warning) }],
  });
});

const there = { collection: 'elsewhere', accuracy: 0.574, guessing: 0.6, beatsGuessing: false };
test.each<[ModelLimit, RegExp]>([
  [{ code: 'WRITING_NOT_TRUTH' }, /not whether what it says is true/],
  [{ code: 'SYNTHETIC_TRAINING' }, /invented articles/],
  [{ code: 'SMALL_TEST_SPLIT', articles: 12 }, /only 12 articles/],
  [
    { code: 'OTHER_SOURCE_LOWER', ...there, ownAccuracy: 0.9 },
    /right on 90\.0% of .*, but only on 57\.4% of elsewhere, not clearly better than always predicting the largest class \(60\.0%\)\.$/,
  ],
  [
    { code: 'OTHER_SOURCE_ALIKE', ...there, beatsGuessing: true, ownAccuracy: 0.58 },
    /right on 58\.0% of .*, and on 57\.4% of elsewhere\.$/,
  ],
  [{ code: 'OTHER_SOURCE_ONLY', ...there, beatsGuessing: true }, /^It is right on 57\.4% of elsewhere\.$/],
  [{ code: 'NOT_MEASURED_ELSEWHERE' }, /not measured on articles from other sources/],
  [
    { code: 'READS_PART', maxTokens: 4099, kept: 'head', unit: 'features' },
    /only the beginning of a long article \(4,099 words and word groups\)\.$/,
  ],
  [{ code: 'ABSTAINS', below: 0.7 }, /"not sure" when its probability is below 70\.0%/],
  [{ code: 'PRECISION_NOT_REACHED', wanted: 0.95, precision: 0.91 }, /right on 95\.0% .* reached 91\.0%\.$/],
])('the limit %o has a sentence with its numbers', (limit, sentence) => {
  expect(formatModelLimit(limit)).toMatch(sentence);
  expect(buildLimitAnswer([limit]).limitFacts).toEqual([{ ...limit, message: formatModelLimit(limit) }]);
});

test('sentences call the texts of a model what the model calls them', () => {
  const nouns = nameNouns({ noun: 'inquiry' });
  const score = { code: 'OUT_OF_DISTRIBUTION_LETTERS', score: -9, lowest: -8 } as const;
  expect(formatWarning(score, nouns)).toMatch(/^The inquiry seems to be in another language/);
  expect(buildWarningAnswer([score], nouns).warnings[0]).not.toContain('article');
  expect(formatModelLimit({ code: 'WRITING_NOT_TRUTH' }, nouns)).toContain('how an inquiry is written');
  expect(formatModelLimit({ code: 'SMALL_TEST_SPLIT', articles: 12 }, nouns)).toContain('only 12 inquiries');
});

test.each([
  [256, 1_000_000, '1%: 256 of 1,000,000 tokens'],
  [256, 257, '99%: 256 of 257 tokens'],
])(
  'of %d of %d tokens a warning never says that nothing or all was read',
  (maxTokens, articleTokens, part) => {
    const warning = {
      code: 'ARTICLE_TRUNCATED',
      articleTokens,
      maxTokens,
      kept: 'head',
      unit: 'tokens',
    } as const;
    expect(formatWarning(warning)).toContain(`(${part})`);
  },
);

test('a warning that was stored as a sentence is formatted unchanged', () => {
  expect(formatWarning({ code: 'UNCODED', message: 'As it was.' })).toBe('As it was.');
  expect(nameUnit('tokens')).toBe('tokens');
});
