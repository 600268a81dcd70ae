// Replaces secrets in a configuration by ***: values under names such as `password`, passwords in addresses, and the
// override that set them; and those in arguments, variables and lines of source code. Everything that is printed or kept
// with a run passes through here.
import type { ConfigNode, Origin } from './config-node.ts';

export const MASK = '***';

const SECRET_KEY = /(?:^|_)(?:secret|password|passwd|token|api_key|access_key|private_key|credentials?)$/i;
/** scheme://user:password@host */
const ADDRESS_PASSWORD = /([a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]*):[^\s/@]+@/gi;

/** Returns the configuration with its secrets masked; an origin still says where a secret was set, but not its value. */
export function maskSecrets(node: ConfigNode, key = ''): ConfigNode {
  if (node.kind === 'map') {
    const entries = [...node.entries].map(([name, item]) => [name, maskSecrets(item, name)] as const);
    return { ...node, entries: new Map(entries) };
  }
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => maskSecrets(item, key)) };
  const { value } = node;
  // model.dropout.token is a rate; tokens of services are never numbers.
  const isRate = key === 'token' && typeof value === 'number';
  const named = SECRET_KEY.test(key) && value !== null && value !== '' && !isRate;
  const masked = named
    ? MASK
    : typeof value === 'string'
      ? value.replace(ADDRESS_PASSWORD, `$1:${MASK}@`)
      : value;
  return masked === value ? node : { ...node, value: masked, origin: maskOrigin(node.origin) };
}

function maskOrigin(origin: Origin): Origin {
  if (origin.kind !== 'command line') return origin;
  return { ...origin, override: `${origin.override.split('=')[0]}=${MASK}` };
}

/** One argument of the command line, such as `data.password=…`, with its secret masked. */
export function maskArgument(argument: string): string {
  const [key = '', ...rest] = argument.split('=');
  const name = key
    .replace(/^[+~-]+/, '')
    .split('.')
    .at(-1)!;
  if (rest.length > 0 && isSecretName(name)) return `${key}=${MASK}`;
  return maskText(argument);
}

/** True for names of settings and variables whose values are secrets, in any spelling. */
export function isSecretName(name: string): boolean {
  return SECRET_KEY.test(name.replaceAll('-', '_')) || /password$/i.test(name);
}

/** `password: …`, `API_KEY=…` and the like, as far as the end of the line. */
const ASSIGNED_SECRET =
  /((?:secret|password|passwd|token|api_?-?key|access_?-?key|private_?-?key|credentials?)["']?[ \t]*[:=][ \t]*)(?![\s\d]|null\b|true\b|false\b)\S.*$/gim;

/** Text with the passwords in addresses masked, and in each line what is assigned to a name such as `password`. */
export function maskText(text: string): string {
  return text.replace(ADDRESS_PASSWORD, `$1:${MASK}@`).replace(ASSIGNED_SECRET, `$1${MASK}`);
}
