// Characters that are not visible: controls, byte order marks, zero-width and direction marks, halves of broken pairs.
// Joiners (U+200C, U+200D) stay: Persian words and emoji families need them.

const INVISIBLE =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
const HALF_PAIR = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Removes control and invisible characters and lone surrogates; line breaks and tabs stay. */
export function removeInvisible(text: string): string {
  return text.replace(INVISIBLE, '').replace(HALF_PAIR, '');
}

/** Unicode normalisation form C: one spelling for each accented character. */
export function normaliseUnicode(text: string): string {
  return text.normalize('NFC');
}
