// Finds where a dateline ends ("SEATTLE (Reuters) - ", "Port Aldane, 3 March — ") by its shape, in any alphabet with
// capitals. Models tend to learn datelines instead of the article.
const WORD = String.raw`(?:[\p{Lu}\d][\p{L}\p{M}\d.'’/-]{0,30}|\p{Ll}{1,3}),?`;
const DASH = String.raw`\s?(?:-{1,2}|[–—])\s?`;
const WITH_AGENCY = new RegExp(
  String.raw`^\s*(?:${WORD}(?:\s${WORD}){0,10}\s?)?\([^()\n]{1,40}\)${DASH}`,
  'u',
);
const PLACE_ALONE = new RegExp(
  String.raw`^\s*\p{Lu}[\p{L}\p{M}.'’/-]{1,30},?(?:\s${WORD}){0,6}(?:\s--?\s|\s?[–—]\s?)`,
  'u',
);

/** @returns the number of characters of the dateline at the start of `text`; 0 if there is none */
export function measureDateline(text: string): number {
  const head = text.slice(0, 300);
  const match = WITH_AGENCY.exec(head) ?? PLACE_ALONE.exec(head);
  return match === null || match[0].length >= text.trimEnd().length ? 0 : match[0].length;
}
