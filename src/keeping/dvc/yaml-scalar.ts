// A string as DVC writes it into its YAML files: plain where that is read as the same string, else in quotes.
// Source: ruamel.yaml 0.19 (emitter and the implicit types of YAML 1.2), which DVC writes with.

/** What a plain scalar would be read as instead of a string. */
const OTHER_TYPES = [
  /^(?:true|True|TRUE|false|False|FALSE|~|null|Null|NULL|<<|=)$/,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|[0-9_]+|0x[0-9a-fA-F_]+)$/,
  /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+(?:[eE][-+][0-9]+)?)$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)?$/,
];
const NOT_PLAIN = /^$|^[#,[\]{}&*!|>'"%@`]|^[-?:](?: |$)|^(?:---|\.\.\.)|^ | $|: |:$| #/;
const NEEDS_ESCAPES = /[\x00-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\ufeff\ud800-\udfff]/;

/** Lines are folded so that they end here, where a space or the beginning of the value allows it. */
const LINE_COLUMNS = 80;

/**
 * A line `key: value`, folded as DVC folds it: `path: ` and a long path below it.
 * @param line  with its indent, and `- ` if it begins an entry; a value in double quotes is left as it is
 */
export function foldYamlLine(line: string): string {
  const found = /^( *(?:- )?)([^\s:]+:) (?=[^"|>[{])(.+)$/.exec(line);
  if (found === null || line.length <= LINE_COLUMNS) return line;
  const [, start = '', key = '', value = ''] = found;
  const indent = start.length + 2;
  const isQuoted = value.startsWith("'");
  let folded = `${start}${key} `;
  let column = folded.length;
  const breakLine = (): void => {
    folded += `\n${' '.repeat(indent)}`;
    column = indent;
  };
  // Words and the spaces between them, in turn.
  for (const [i, part] of value.split(/( +)/).entries()) {
    const isSpace = i % 2 === 1;
    if (isSpace && part === ' ' && (isQuoted ? column > LINE_COLUMNS : column >= LINE_COLUMNS)) {
      breakLine();
      continue;
    }
    if (!isSpace && !isQuoted && column + part.length > LINE_COLUMNS && column > indent) breakLine();
    folded += part;
    column += part.length;
  }
  return folded;
}

/** One line of YAML that is read as `text`. */
export function formatYamlString(text: string): string {
  if (NEEDS_ESCAPES.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))) return quoteDouble(text);
  if (!NOT_PLAIN.test(text) && !OTHER_TYPES.some((type) => type.test(text))) return text;
  return text.includes("'") ? quoteDouble(text) : `'${text}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quoteDouble(text: string): string {
  const escaped = text.replace(/["\\]|[^ -~\u00a0-\u{10ffff}]|[\u2028\u2029\ufeff]/gu, (char) => {
    const code = char.charCodeAt(0);
    const hex = code.toString(16).toUpperCase();
    return ESCAPES[char] ?? (code < 256 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
  });
  return `"${escaped}"`;
}
