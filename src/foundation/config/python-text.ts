// Writes values inside a text as Python does, because Hydra's users know `None`, `1e-08` and `['a', 1.0]` from there.
import type { ConfigNode, ScalarNode } from './config-node.ts';

/** str(value): the text of a scalar, or a list or map in Python's notation. */
export function formatPython(node: ConfigNode): string {
  return node.kind === 'scalar' && typeof node.value === 'string' ? node.value : formatRepr(node);
}

function formatRepr(node: ConfigNode): string {
  if (node.kind === 'list') return `[${node.items.map(formatRepr).join(', ')}]`;
  if (node.kind === 'map')
    return `{${[...node.entries].map(([key, item]) => `${formatString(key)}: ${formatRepr(item)}`).join(', ')}}`;
  return formatScalar(node);
}

function formatScalar({ value, isFloat = false }: ScalarNode): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return formatString(value);
  return isFloat ? formatPythonFloat(value) : String(value);
}

/** repr(float): the shortest digits, with an exponent below 1e-4 and from 1e16. */
export function formatPythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const digits = String(Math.abs(exponent)).padStart(2, '0');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
  }
  const decimals = Math.max(1, mantissa.replace('-', '').replace('.', '').length - 1 - exponent);
  return value.toFixed(decimals);
}

const NAMED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** repr(str): in single quotes unless only single quotes are inside; unprintable characters escaped. */
function formatString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\p{C}\p{Z}]|'/gu, (char) => {
    if (char === ' ') return char;
    if (char === "'") return quote === "'" ? "\\'" : char;
    const named = NAMED[char];
    if (named !== undefined) return named;
    const hex = char.codePointAt(0)!.toString(16);
    if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
    return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return `${quote}${body}${quote}`;
}
