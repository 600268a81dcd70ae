// The looks of curves: eight colours that people with any kind of colour blindness can tell apart, each solid, dashed and
// dotted. A run keeps its look as long as it is drawn.

export const COLOURS = 8;
/** Lengths of dash and gap in pixels. */
export const DASHES: readonly (readonly number[])[] = [[], [8, 5], [3, 5]];
/** The number of different looks, and therefore the most curves that one chart shows. */
export const LOOKS = COLOURS * DASHES.length;

/** A look is its number: colour `look % 8`, dash `look / 8`. */
export type Look = number;

export function dashOf(look: Look): readonly number[] {
  return DASHES[Math.floor(look / COLOURS) % DASHES.length]!;
}

/** Gives each id a look: one that has a look keeps it, a new one takes the first that is free. */
export function assignLooks(ids: readonly string[], before: ReadonlyMap<string, Look>): Map<string, Look> {
  const looks = new Map<string, Look>();
  for (const id of ids) {
    const look = before.get(id);
    if (look !== undefined) looks.set(id, look);
  }
  const taken = new Set(looks.values());
  let next = 0;
  for (const id of ids) {
    if (looks.has(id)) continue;
    while (taken.has(next)) next++;
    taken.add(next);
    looks.set(id, next);
  }
  return looks;
}
