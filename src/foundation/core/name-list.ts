// Names in a sentence: "Beschwerde, Lob". A name that could be taken for several, or for another, stands in quotes.

export function formatNames(names: readonly string[]): string {
  return names.map(formatName).join(', ');
}

/** One name as it stands in a list. */
export function formatName(name: string): string {
  return /[,"]|^\s|\s$|^$/.test(name) ? JSON.stringify(name) : name;
}
