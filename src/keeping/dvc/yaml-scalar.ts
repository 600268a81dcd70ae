// A string as DVC writes it into its YAML files: plain where that is read as the same string, else in quotes.
// Source: ruamel.yaml 0.18 (emitter and the implicit types of YAML 1.2), which DVC writes with.

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
