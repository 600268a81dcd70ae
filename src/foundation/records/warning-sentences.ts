// Warnings as English sentences. Only the edges of the program use them: the command line, HTTP responses and, through these,
// the page.
import type { z } from 'zod';
import { formatApart, formatSharePercent } from './apart.ts';
import type { ArticleExplanation, explanationAnswerSchema } from './explanation.ts';
import { articleNouns, type Nouns } from './noun.ts';
import type { TextUnit } from './text-unit.ts';
import type { ReceiptWarning, Warning } from './warning.ts';

/** The sentence of one warning. @param nouns  what the texts of the model are called */
export function formatWarning(warning: ReceiptWarning, { one }: Nouns = articleNouns): string {
  switch (warning.code) {
    case 'ARTICLE_SHORT':
      return `The ${one} is shorter than those the model learned from (${warning.tokens} ${nameUnit(warning.unit)}, usually at least ${warning.usualTokens}): treat the prediction with care.`;
    case 'ARTICLE_TRUNCATED':
      return `The ${one} is longer than the model reads: only its ${formatKeptPart(warning.kept)} was read (${formatReadPart(warning)}).`;
    case 'TEXT_ONLY_ADDRESS':
      return `The text is only an address, which the model does not open: the prediction is from the title alone. Send the text of the ${one}.`;
    case 'OUT_OF_DISTRIBUTION_LETTERS':
      return `The ${one} seems to be in another language, or written in another way, than those the model learned from: the prediction means little.`;
    case 'OUT_OF_DISTRIBUTION_DISTANCE':
      return `The ${one} is unlike those the model learned from (${formatDistance(warning)}): treat the prediction with care.`;
    case 'UNCODED':
      return warning.message;
  }
}

/** Never 0% of what was read, never 100% of an article that was cut. */
function formatReadPart({
  maxTokens,
  articleTokens,
  unit,
}: Extract<Warning, { code: 'ARTICLE_TRUNCATED' }>): string {
  const percent = Math.max(1, Math.min(99, Math.round((maxTokens / articleTokens) * 100)));
  const [read, whole] = [maxTokens, articleTokens].map((count) => count.toLocaleString('en-US'));
  return `${percent}%: ${read} of ${whole} ${nameUnit(unit)}`;
}

function formatDistance({
  kind,
  distance,
  highest,
}: Extract<Warning, { code: 'OUT_OF_DISTRIBUTION_DISTANCE' }>): string {
  if (kind === 'features') {
    const [own, usual] = formatApart(distance, highest, formatSharePercent, 0);
    return `${own} of its words and word groups are new to the model, usually at most ${usual}`;
  }
  const [own, usual] = formatApart(distance, highest, (value, digits) => value.toFixed(digits), 2);
  return `distance ${own}, usually at most ${usual}`;
}

/** The sentence about what an explanation lacks. */
export function formatExplanationWarning(warning: ArticleExplanation['warnings'][number]): string {
  const more = warning.others === 0 ? '' : ` and ${warning.others} more`;
  return `There are no gradients: onnx/model.onnx holds no weights that can be read as ${warning.missing}${more}.`;
}

/** Warnings as a response of the API or the command line holds them: sentences, and beside them the facts. */
export function buildWarningAnswer<W extends ReceiptWarning>(warnings: readonly W[], nouns?: Nouns) {
  return {
    warnings: warnings.map((warning) => formatWarning(warning, nouns)),
    warningFacts: warnings.map((warning) => ({ ...warning, message: formatWarning(warning, nouns) })),
  };
}

/** An explanation as a response of the API or the command line holds it. */
export function buildExplanationAnswer(
  explanation: ArticleExplanation,
): z.infer<typeof explanationAnswerSchema> {
  return {
    ...explanation,
    warnings: explanation.warnings.map(formatExplanationWarning),
    warningFacts: explanation.warnings.map((warning) => ({
      ...warning,
      message: formatExplanationWarning(warning),
    })),
  };
}

/** What a model counts, in words. */
export function nameUnit(unit: TextUnit): string {
  return unit === 'features' ? 'words and word groups' : 'tokens';
}

/** The part of a long article that is read, such as "beginning". */
export function formatKeptPart(kept: 'head' | 'head+tail'): string {
  return kept === 'head' ? 'beginning' : 'beginning and the end';
}
