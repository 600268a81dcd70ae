// Limits of a model as English sentences, for the model card, the command line and the API.
import type { ModelLimit } from './model-limit.ts';
import { articleNouns, type Nouns } from './noun.ts';
import type { TextUnit } from './text-unit.ts';
import { formatKeptPart, nameUnit } from './warning-sentences.ts';

/** The sentence of one limit. @param nouns  what the texts of the model are called */
export function formatModelLimit(limit: ModelLimit, nouns: Nouns = articleNouns): string {
  const { one, many, any } = nouns;
  switch (limit.code) {
    case 'WRITING_NOT_TRUTH':
      return `It recognises how ${any} is written, not whether what it says is true.`;
    case 'SYNTHETIC_TRAINING':
      return `It was trained on invented ${many}, for trying out the program: its predictions for real ones mean nothing.`;
    case 'SMALL_TEST_SPLIT':
      return `Its own test split has only ${limit.articles} ${many}, so its figures are rough: read the intervals.`;
    case 'OTHER_SOURCE_ONLY':
      return `It is right on ${formatElsewhere(limit)}.`;
    case 'OTHER_SOURCE_LOWER':
    case 'OTHER_SOURCE_ALIKE': {
      const link = limit.code === 'OTHER_SOURCE_LOWER' ? 'but only on' : 'and on';
      return `It is right on ${percent(limit.ownAccuracy)} of held-out ${many} from its own dataset, ${link} ${formatElsewhere(limit)}.`;
    }
    case 'NOT_MEASURED_ELSEWHERE':
      return `It was not measured on ${many} from other sources: expect it to do clearly worse there.`;
    case 'READS_PART':
      return `It reads only the ${formatKeptPart(limit.kept)} of a long ${one} (${formatTokenCount(limit.maxTokens, limit.unit)}).`;
    case 'ABSTAINS':
      return `It says "not sure" when its probability is below ${percent(limit.below)}.`;
    case 'PRECISION_NOT_REACHED':
      return `It should be right on ${percent(limit.wanted)} of the predictions that it is sure about, but no threshold reached that on the validation split: the best one reached ${percent(limit.precision)}.`;
  }
}

/** Limits as a response of the API holds them: sentences, and beside them the facts. */
export function buildLimitAnswer(limits: readonly ModelLimit[], nouns?: Nouns) {
  return {
    limits: limits.map((limit) => formatModelLimit(limit, nouns)),
    limitFacts: limits.map((limit) => ({ ...limit, message: formatModelLimit(limit, nouns) })),
  };
}

/** What a model counts, with its number: "256 tokens". */
export function formatTokenCount(count: number, unit: TextUnit): string {
  return `${count.toLocaleString('en-US')} ${nameUnit(unit)}`;
}

function formatElsewhere({
  collection,
  accuracy,
  guessing,
  beatsGuessing,
}:
  | Extract<ModelLimit, { code: 'OTHER_SOURCE_ONLY' }>
  | Extract<ModelLimit, { ownAccuracy: number }>): string {
  const there = `${percent(accuracy)} of ${collection}`;
  return beatsGuessing
    ? there
    : `${there}, not clearly better than always predicting the largest class (${percent(guessing)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
