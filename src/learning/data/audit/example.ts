// Shortens an example to a few words around a place, so that a report shows a mark and not an article.

const WORDS = 12;
/** Where scripts have no spaces, so many characters. */
const MAX_CHARS = 90;

/** At most twelve words around a place. */
export function cutExample(text: string, at: number): string {
  const words = [...text.matchAll(/\S+/g)].map(({ index, 0: word }) => ({
    from: index,
    to: index + word.length,
  }));
  if (words.length === 0) return '';
  const here = words.findIndex(({ to }) => to > at);
  const middle = here === -1 ? words.length - 1 : here;
  const first = Math.max(0, Math.min(middle - WORDS / 2, words.length - WORDS));
  const chosen = words.slice(first, first + WORDS);
  const [from, to] = [chosen[0]?.from ?? 0, chosen.at(-1)?.to ?? 0];
  const start = to - from > MAX_CHARS ? Math.max(from, Math.min(at - MAX_CHARS / 2, to - MAX_CHARS)) : from;
  const end = Math.min(to, start + MAX_CHARS);
  const cut = text.slice(start, end).replace(/\s+/g, ' ').trim();
  return `${start > 0 ? '… ' : ''}${cut}${end < text.trimEnd().length ? ' …' : ''}`;
}
