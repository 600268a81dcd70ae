// Added tokens: strings that are taken whole before a text is cut ("<mask>" written in an article is <mask>). Those that
// are not normalised are looked for in the raw text, the others in the normalised one. The leftmost match wins, and of
// several that begin there the longest. Source: behaviour of tokenizers 0.23.3.
import { z } from 'zod';

export const addedTokenSchema = z.looseObject({
  id: z.int().min(0),
  content: z.string().min(1),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(false),
});

/** An added token in the form of tokenizer.json. */
export type AddedTokenEntry = z.infer<typeof addedTokenSchema>;

/** A token's place in a text, the white space it takes with it included. */
export interface AddedMatch {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** @param contents  what stands for each token in the text: its own, or its normalised content */
export function createAddedFinder(
  tokens: readonly AddedTokenEntry[],
  contents: readonly string[],
): (text: string) => readonly AddedMatch[] {
  const byContent = new Map(contents.map((content, i) => [content, tokens[i]!]));
  byContent.delete('');
  if (byContent.size === 0) return () => [];
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeContent).join('|'), 'gu');
  return (text) => {
    const found: AddedMatch[] = [];
    let read = 0;
    for (const { 0: content, index } of text.matchAll(pattern)) {
      const token = byContent.get(content)!;
      let from = index;
      let to = index + content.length;
      if (token.single_word && (isWordAt(text, from, 'before') || isWordAt(text, to, 'after'))) continue;
      if (token.lstrip) while (from > read && isSpace(text[from - 1]!)) from--;
      if (token.rstrip) while (to < text.length && isSpace(text[to]!)) to++;
      found.push({ id: token.id, from, to });
      read = to;
    }
    return found;
  };
}

const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const ENDS_WITH_WORD = new RegExp(`${WORD}$`, 'u');
const STARTS_WITH_WORD = new RegExp(`^${WORD}`, 'u');

function isWordAt(text: string, at: number, side: 'before' | 'after'): boolean {
  return side === 'before'
    ? ENDS_WITH_WORD.test(text.slice(Math.max(0, at - 2), at))
    : STARTS_WITH_WORD.test(text.slice(at, at + 2));
}

function isSpace(unit: string): boolean {
  return /\p{White_Space}/u.test(unit);
}

function escapeContent(content: string): string {
  return content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
