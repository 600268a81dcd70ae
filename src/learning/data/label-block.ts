// A setting of data.labels to paste: as YAML, and as an argument for a shell.

type Labels = Readonly<Record<string, string | null>>;

/** Words that need no quotes in YAML and on the command line, and are not read as another kind of value. */
const PLAIN = /^(?!(?:null|true|false|yes|no|on|off|nan|inf|infinity)$)[a-z_][\w-]*$/i;
/** Keys of the command line that need no quotes: they are texts, whatever they look like. */
const PLAIN_KEY = /^[\w./+$%*@?|\u0080-\uffff-]+(?: [\w./+$%*@?|\u0080-\uffff-]+)*$/;

/** The lines of `labels: …` for a file in configs/data. */
export function formatLabelsYaml(labels: Labels, rows: ReadonlyMap<string, number>): string[] {
  const quote = (text: string): string => (PLAIN.test(text) ? text : JSON.stringify(text));
  return [
    'labels:',
    ...Object.entries(labels).map(([label, to]) => {
      const count = rows.get(label);
      const value = `  ${quote(label)}: ${to === null ? 'null' : quote(to)}`;
      return count === undefined ? value : `${value}  # ${formatRows(count)}`;
    }),
  ];
}

/** The argument `'data.labels={…}'`, quoted for a POSIX shell. */
export function formatLabelsArgument(labels: Labels): string {
  const entries = Object.entries(labels).map(([label, to]) => {
    const key = PLAIN_KEY.test(label) ? label : quoteDouble(label);
    return `${key}: ${to === null ? 'null' : PLAIN.test(to) ? to : quoteDouble(to)}`;
  });
  return `'data.labels={${entries.join(', ')}}'`.replace(/(?<=.)'(?=.)/gs, "'\\''");
}

/** Quotes a text in the grammar of overrides, where backslashes are escapes only before a quote or at the end. */
function quoteDouble(text: string): string {
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

/** A count with its noun. */
export function formatRows(rows: number): string {
  return `${rows.toLocaleString('en')} row${rows === 1 ? '' : 's'}`;
}
