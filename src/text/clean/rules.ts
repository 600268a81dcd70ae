// All cleaning rules in the order they run. White space comes before the give-aways (their patterns rely on single
// spaces) and once more, uncounted, at the end.
import { normaliseUnicode, removeInvisible } from './characters.ts';
import { removePictureCredits, removeTrailingCredits } from './credits.ts';
import { removeAgencyMentions, removeCorrectionNote, removeDateline } from './datelines.ts';
import { removeLinks, removeMediaTags, removePostSignatures } from './embeds.ts';
import { decodeEntities } from './entities.ts';
import { restoreApostrophes } from './lost-apostrophes.ts';
import type { CleaningRule } from './rule.ts';
import {
  removeEllipses,
  removeQuotationMarks,
  repairPunctuationSpacing,
  straightenTypography,
} from './typography.ts';
import { collapseWhiteSpace } from './white-space.ts';

const always = (name: string, summary: string, apply: CleaningRule['apply']): CleaningRule => ({
  name,
  when: 'always',
  fields: ['title', 'text'],
  summary,
  apply,
});
const strip = (
  name: string,
  fields: CleaningRule['fields'],
  summary: string,
  apply: CleaningRule['apply'],
): CleaningRule => ({ name, when: 'strip', fields, summary, apply });

const both = ['title', 'text'] as const;
const text = ['text'] as const;

/** Counted up when a rule changes what it does: dataset versions made before are then not reused. */
export const CLEANING_VERSION = 2;

export const cleaningRules: readonly CleaningRule[] = [
  always('entities', 'HTML entities become the characters they name', decodeEntities),
  always('invisible', 'control and invisible characters go', removeInvisible),
  always('unicode', 'Unicode normalisation form C', normaliseUnicode),
  always('white-space', 'one space between words, lines trimmed', collapseWhiteSpace),
  strip('typography', both, 'curly quotes, dashes and ellipses become plain ones', straightenTypography),
  strip('correction-note', text, 'a leading note about an earlier version goes', removeCorrectionNote),
  strip('agency-mention', text, "the name of the dateline's agency goes", removeAgencyMentions),
  strip('dateline', text, 'a leading dateline goes', removeDateline),
  strip('credits', text, 'trailing credits and "Read more" lines go', removeTrailingCredits),
  strip('links', both, 'web addresses go', removeLinks),
  strip('picture-credit', text, 'picture credits in brackets go', removePictureCredits),
  strip('post-signature', text, 'signatures of embedded posts go', removePostSignatures),
  strip('media-tag', ['title'], '"(VIDEO)" and the like go', removeMediaTags),
  strip('lost-apostrophe', both, 'lost English apostrophes come back', restoreApostrophes),
  strip('quotation-marks', text, 'quotation marks go, apostrophes inside words stay', removeQuotationMarks),
  strip('ellipses', text, 'ellipses go', removeEllipses),
  strip(
    'punctuation-spacing',
    text,
    'missing and stray spaces at punctuation are put right',
    repairPunctuationSpacing,
  ),
];
