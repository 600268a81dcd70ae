// How the label of a row becomes a class. A label is a text without spaces around it; numbers and booleans of JSON or YAML
// are texts, too. data.labels and data.classes name a label by its text, else as the same number (1, 1.0) or the same truth
// value (TRUE, true). Otherwise letters count as they are written: Real is not REAL.

export interface LabelOptions {
  readonly labels: Readonly<Record<string, string | null>> | null;
  readonly classes: readonly string[] | null;
}

export type LabelChoice =
  | { readonly kind: 'class'; readonly name: string }
  /** data.labels maps the label to null. */
  | { readonly kind: 'left out' }
  | { readonly kind: 'unnamed'; readonly setting: 'data.labels' | 'data.classes' };

export interface LabelRules {
  /** Finds the class of a label that tidyLabel returned; null if it is empty and data.labels does not name it. */
  choose(label: string, options?: { readonly ofFile: boolean }): LabelChoice | null;
}

/** Creates the rules of a configuration once for many rows. */
export function createLabelRules({ labels, classes }: LabelOptions): LabelRules {
  const classOf = labels === null ? null : createLookup(Object.entries(labels));
  const known = classes === null ? null : createLookup(classes.map((name) => [name, name] as const));
  return {
    choose: (label, { ofFile } = { ofFile: false }) => {
      const mapped = classOf?.(label);
      if (mapped === null) return { kind: 'left out' };
      if (mapped === undefined && label === '') return null;
      // The label that a whole file has, as in ISOT, needs no entry in data.labels.
      if (mapped === undefined && classOf !== null && !ofFile)
        return { kind: 'unnamed', setting: 'data.labels' };
      const name = tidyLabel(mapped ?? label);
      if (known === null) return { kind: 'class', name };
      const configured = known(name);
      return configured === undefined || configured === null
        ? { kind: 'unnamed', setting: 'data.classes' }
        : { kind: 'class', name: configured };
    },
  };
}

// Spaces of all kinds, also those without width.
const SPACES = '[\\s\\u200b-\\u200d\\u2060\\ufeff]+';
const SPACES_AROUND = new RegExp(`^${SPACES}|${SPACES}$`, 'g');

/** A label without the spaces around it. */
export function tidyLabel(label: string): string {
  return label.replace(SPACES_AROUND, '');
}

const NUMBER = /^[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:e[+-]?\d+)?$/i;

/** The text that all spellings of one number or of one truth value share; any other label as it is, in Unicode's form C. */
export function unifyLabel(label: string): string {
  const text = tidyLabel(label).normalize('NFC');
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase();
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? String(number === 0 ? 0 : number) : text;
}

/** Finds a value by the text of its label, else by the unified one; a unified text with two values finds neither. */
function createLookup<T>(entries: readonly (readonly [string, T])[]): (label: string) => T | undefined {
  const exact = new Map(entries.map(([label, value]) => [tidyLabel(label), value]));
  const unified = new Map<string, T | undefined>();
  for (const [label, value] of entries) {
    const key = unifyLabel(label);
    unified.set(key, unified.has(key) && unified.get(key) !== value ? undefined : value);
  }
  return (label) => (exact.has(label) ? exact.get(label) : unified.get(unifyLabel(label)));
}
