// Finds the known name that a misspelt name most likely means: the one with the smallest edit distance (optimal string
// alignment), if that distance is small enough. Error messages use it for "Did you mean …?".

/** The closest of `known`, or undefined when none is within about a third of the length. */
export function findClosest(name: string, known: Iterable<string>): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    const limit = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name: candidate, distance };
  }
  return best?.name;
}

/** The closest dotted path, compared as a whole or by its last part: `lr` finds `optimizer.lr`. */
export function findClosestPath(path: string, known: Iterable<string>): string | undefined {
  const paths = [...known];
  const last = lastPart(path);
  const sameParent = paths.filter((candidate) => parentOf(candidate) === parentOf(path));
  const besides = findClosest(last, sameParent.map(lastPart));
  if (besides !== undefined) return sameParent.find((candidate) => lastPart(candidate) === besides);
  const sameLast = paths.filter((candidate) => lastPart(candidate) === last);
  if (sameLast.length > 0) return sameLast.sort((a, b) => editDistance(path, a) - editDistance(path, b))[0];
  // The map around a missing key was found already, so it is not what was meant.
  const others = paths.filter((candidate) => !path.startsWith(`${candidate}.`));
  const whole = findClosest(path, others);
  if (whole !== undefined && editDistance(path, whole) <= 2) return whole;
  const closestLast = findClosest(last, paths.map(lastPart));
  return closestLast === undefined
    ? undefined
    : paths.find((candidate) => lastPart(candidate) === closestLast);
}

/** A hint such as "Did you mean optimizer.lr?"; if nothing is close, the list of keys that stand beside the path. */
export function suggestPath(path: string, known: Iterable<string>): string {
  const paths = [...known];
  const closest = findClosestPath(path, paths);
  if (closest !== undefined) return `Did you mean ${closest}?`;
  const besides = paths.filter((candidate) => parentOf(candidate) === parentOf(path)).map(lastPart);
  const all = besides.length > 0 ? besides : [...new Set(paths.map((candidate) => candidate.split('.')[0]!))];
  return `Known ${besides.length > 0 && parentOf(path) !== '' ? `below ${parentOf(path)}` : 'keys'}: ${all.join(', ')}.`;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

/** The fewest insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + changed);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
