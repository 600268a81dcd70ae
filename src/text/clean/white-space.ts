// White space: one space between words, no space at the ends of lines, at most one empty line between paragraphs.
// Line breaks are content and stay.

const OTHER_BREAKS = /\r\n?|[\u000b\f\u0085\u2028\u2029]/g;
// Not /[^\S\n]+/g: replacing each single space by itself took a quarter of all the cleaning.
const SPACES = /[^\S\n]{2,}|[^\S\n ]/g;

/** Collapses runs of spaces and tabs, trims lines and keeps single line breaks and paragraph breaks. */
export function collapseWhiteSpace(text: string): string {
  const spaced = text.replace(OTHER_BREAKS, '\n').replace(SPACES, ' ').trim();
  if (!spaced.includes('\n')) return spaced;
  return spaced
    .replace(/\n /g, '\n')
    .replace(/ \n/g, '\n')
    .replace(/\n{3,}/g, '\n\n');
}
