// The order of text by code points, as Python, Go and C sort it. JavaScript sorts by UTF-16 units, in which an emoji (a
// surrogate, U+D83D) comes before U+FFFD, although its code point is higher.

/** Compares two texts by their code points. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
