// One spelling for quotes, apostrophes, dashes and ellipses. In the ISOT set 93% of the REAL bodies and none of the
// FAKE ones carry curly quotes: the typesetting gives the class away, not the writing.

const SPECIAL =
  /[\u2018\u2019\u201a\u201b\u2032\u02bc\u0060\u00b4\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u2013\u2014\u2015\u2212\u2026]/g;

/** Turns curly quotes and apostrophes into straight ones, dashes into "-" and the ellipsis into "...". */
export function straightenTypography(text: string): string {
  return text.replace(SPECIAL, (character) => {
    if (character === '\u2026') return '...';
    if ('\u2013\u2014\u2015\u2212'.includes(character)) return '-';
    return '\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb'.includes(character) ? '"' : "'";
  });
}

/**
 * Removes quotation marks; an apostrophe with a letter or digit on each side stays.
 * Why: where a file lost its curly quotes (ISOT's FAKE half) straightening the others leaves them in one class only.
 */
export function removeQuotationMarks(text: string): string {
  return text.replace(/["']/g, (mark, offset: number) => {
    const between = isWordCode(text.charCodeAt(offset - 1)) && isWordCode(text.charCodeAt(offset + 1));
    if (!between) return '';
    return mark === "'" ? mark : ' ';
  });
}

/** Removes runs of full stops: ISOT's FAKE half lost its ellipses, 12% of the REAL bodies have one. */
export function removeEllipses(text: string): string {
  return text.replace(/\.{2,}/g, ' ');
}

/** Puts the space back after a full stop ("year.What next") and takes it away before a comma ("so , they"). */
export function repairPunctuationSpacing(text: string): string {
  return text
    .replace(/[.!?](?=\p{Lu}(?!\.))/gu, (mark, offset: number) =>
      endsSentence(text, offset) ? `${mark} ` : mark,
    )
    .replace(/ [,.;!?](?![^ \n])/g, (spaced, offset: number, whole: string) =>
      isWordCode(whole.charCodeAt(offset - 1)) ? spaced.slice(1) : spaced,
    );
}

/** True when what stands before a full stop is a small letter, a digit or a bracket: not "U.S. Senate". */
function endsSentence(text: string, offset: number): boolean {
  return /[\p{Ll}\d)]/u.test(text.charAt(offset - 1));
}

function isWordCode(code: number): boolean {
  const lower = code | 32;
  return (code >= 48 && code <= 57) || (lower >= 97 && lower <= 122) || code >= 0xc0;
}
