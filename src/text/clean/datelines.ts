// The cleaning rule for what an agency puts before its first sentence: "SEATTLE/WASHINGTON (Reuters) - ", "NEW YORK,
// March 5 (AFP) - ", "(AP) - ", "Springfield, Ohio - ", and notes of correction. It goes by the shape and names no agency.
// ISOT: 98% of the REAL bodies, none of the FAKE ones.

const HEAD_CHARS = 600;
// A word of a place, a date or a byline: starts with a capital or is a number; "/", "," and "." may follow.
const WORD = String.raw`(?:[\p{Lu}\d][\p{L}\p{M}\d.'/-]{0,30}|\p{Ll}{1,3}),?`;
const DASH = ' ?(?:-{1,2}|[–—]) ?';
// A report starts with a capital; "Ada Orr (AO) - the owner - …" goes on with a small letter and is a sentence.
const CAPITAL_NEXT = String.raw`(?!-| ?["']?\p{Ll})`;
// After a place without an agency a hyphen must stand between spaces.
const SPACED_DASH = `(?: --?${CAPITAL_NEXT} | ?[–—]${CAPITAL_NEXT} ?)`;
const AGENCY_DATELINE = new RegExp(
  String.raw`^(?:((?=\p{Lu})${WORD}(?: ${WORD}){0,10}) ?)?\( ?([\p{Lu}][\p{L}/&. ]{0,38})?\)${DASH}`,
  'u',
);
const AGENCY_ALONE = /^\(\p{Lu}{2,10}\) ?(?=\p{Lu})/u;
const CAPITAL_PLACE = new RegExp(
  String.raw`^\p{Lu}[\p{Lu}.'/-]{2,30}(?:,? [\p{Lu}\d][\p{L}\d.'/-]{0,20}){0,5}${SPACED_DASH}`,
  'u',
);
const PLACE_REGION = new RegExp(
  String.raw`^\p{Lu}\p{Ll}{1,20}(?: \p{Lu}\p{Ll}{1,20}){0,2}, \p{Lu}[\p{L}.]{1,20}(?: \p{Lu}[\p{L}.]{1,20})?${SPACED_DASH}`,
  'u',
);
const NOTE = /^\(+[^()]{1,400}\)+ ?/u;
const NOTE_WORDS = /\b(?:corrects?|corrected|refiles?|updates?|adds?|removes?|clarif(?:y|ies)|story)\b/iu;

/** Removes a leading dateline. */
export function removeDateline(text: string): string {
  const head = text.slice(0, HEAD_CHARS);
  const match =
    matchAgencyDateline(head)?.whole ??
    [AGENCY_ALONE, CAPITAL_PLACE, PLACE_REGION].map((pattern) => pattern.exec(head)?.[0]).find(Boolean);
  return match === undefined ? text : text.slice(match.length).trimStart();
}

/** Removes the name of the agency in the dateline from the rest of the text ("told Reuters"); the dateline stays. */
export function removeAgencyMentions(text: string): string {
  const match = matchAgencyDateline(text.slice(0, HEAD_CHARS));
  const agency = match?.agency.split(' ')[0];
  if (match === undefined || agency === undefined || agency.length < 2) return text;
  const name = agency.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const mention = new RegExp(String.raw`(?<![\p{L}\d])${name}(?:'s)?(?![\p{L}\d])`, 'gu');
  return text.slice(0, match.whole.length) + text.slice(match.whole.length).replace(mention, '');
}

/** Removes a leading note about an earlier version: "(This version of the story corrects paragraph 2) ". */
export function removeCorrectionNote(text: string): string {
  const note = NOTE.exec(text.slice(0, HEAD_CHARS))?.[0];
  return note !== undefined && NOTE_WORDS.test(note) ? text.slice(note.length).trimStart() : text;
}

function matchAgencyDateline(head: string): { whole: string; agency: string } | undefined {
  const match = AGENCY_DATELINE.exec(head);
  if (match === null) return undefined;
  const place = match[1] ?? '';
  const agency = match[2] ?? '';
  // A place in capitals is enough, "WASHINGTON () - "; any other needs an agency and a sentence behind it.
  const isPlace = /^\p{Lu}{2}/u.test(place);
  const isSentence = !/^["']?\p{Ll}/u.test(head.slice(match[0].length));
  return isPlace || (agency !== '' && isSentence) ? { whole: match[0], agency } : undefined;
}
