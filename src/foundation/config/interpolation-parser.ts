// Parses `${…}` in a value, in OmegaConf's grammar: `${a.b}`, `${.sibling}`, `${..uncle}`, `${list[0]}`, nested
// `${a.${b}}`, and resolvers `${env:NAME,default}`. A backslash escapes it: `\${not}` is plain text.

export type InterpolationPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'reference';
      /** Dots before the key: 0 starts at the root, 1 at the map around the value, 2 at the map above that. */
      readonly level: number;
      readonly path: readonly (readonly InterpolationPart[])[];
    }
  | {
      readonly kind: 'resolver';
      readonly name: string;
      readonly args: readonly (readonly InterpolationPart[])[];
      readonly quoted: readonly boolean[];
    };

/** Says what is wrong with an interpolation; the caller adds the place. */
export class InterpolationSyntax extends Error {}

export function hasInterpolation(text: string): boolean {
  return text.includes('${');
}

/** @throws InterpolationSyntax */
export function parseInterpolation(text: string): InterpolationPart[] {
  const reader = { text, at: 0 };
  const parts = readParts(reader, '');
  return parts;
}

interface Reader {
  readonly text: string;
  at: number;
}

/** Reads parts up to, but not including, one of the characters in `stops`; with no stops, up to the end. */
function readParts(reader: Reader, stops: string): InterpolationPart[] {
  const parts: InterpolationPart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push({ kind: 'text', text: literal });
    literal = '';
  };
  while (reader.at < reader.text.length && !stops.includes(reader.text[reader.at]!)) {
    const escaped = /^(\\*)\$\{/.exec(reader.text.slice(reader.at));
    if (escaped !== null) {
      // Backslashes right before ${ are escapes: two become one, and an odd one keeps the ${ as text.
      const backslashes = escaped[1]!.length;
      literal += '\\'.repeat(Math.floor(backslashes / 2));
      reader.at += backslashes;
      if (backslashes % 2 === 0) {
        flush();
        parts.push(readInterpolation(reader));
      } else {
        literal += '${';
        reader.at += 2;
      }
    } else if (stops !== '' && reader.text[reader.at] === '\\' && reader.at + 1 < reader.text.length) {
      literal += reader.text[reader.at + 1];
      reader.at += 2;
    } else literal += reader.text[reader.at++];
  }
  if (stops !== '' && reader.at >= reader.text.length) throw new InterpolationSyntax('a closing }');
  flush();
  return parts;
}

function readInterpolation(reader: Reader): InterpolationPart {
  reader.at += 2;
  skipSpace(reader);
  const resolver = /^[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*\s*:/.exec(reader.text.slice(reader.at))?.[0];
  if (resolver !== undefined) {
    reader.at += resolver.length;
    return readResolver(reader, resolver.slice(0, -1).trim());
  }
  let level = 0;
  while (reader.text[reader.at] === '.') {
    level++;
    reader.at++;
  }
  const path: InterpolationPart[][] = [];
  for (;;) {
    const isBracket = reader.text[reader.at] === '[';
    if (isBracket) reader.at++;
    const key = trimParts(readParts(reader, isBracket ? ']' : '.}[:'));
    if (key.length === 0) throw new InterpolationSyntax('a key after the opening brace');
    path.push(key);
    if (isBracket) reader.at++;
    const next = reader.text[reader.at];
    if (next === '}') break;
    if (next !== '.' && next !== '[') throw new InterpolationSyntax('"." or "}" after a key');
    if (next === '.') reader.at++;
  }
  reader.at++;
  return { kind: 'reference', level, path };
}

function readResolver(reader: Reader, name: string): InterpolationPart {
  const args: InterpolationPart[][] = [];
  const quoted: boolean[] = [];
  skipSpace(reader);
  if (reader.text[reader.at] === '}') {
    reader.at++;
    return { kind: 'resolver', name, args, quoted };
  }
  for (;;) {
    skipSpace(reader);
    const quote = reader.text[reader.at];
    const isQuoted = quote === '"' || quote === "'";
    if (isQuoted) reader.at++;
    args.push(isQuoted ? readParts(reader, quote) : trimParts(readParts(reader, ',}')));
    quoted.push(isQuoted);
    if (isQuoted) reader.at++;
    skipSpace(reader);
    const next = reader.text[reader.at++];
    if (next === '}') return { kind: 'resolver', name, args, quoted };
    if (next !== ',') throw new InterpolationSyntax('"," or "}" after an argument');
  }
}

function trimParts(parts: InterpolationPart[]): InterpolationPart[] {
  return parts
    .map((part, i) => {
      if (part.kind !== 'text') return part;
      const start = i === 0 ? part.text.trimStart() : part.text;
      return { kind: 'text' as const, text: i === parts.length - 1 ? start.trimEnd() : start };
    })
    .filter((part) => part.kind !== 'text' || part.text !== '');
}

function skipSpace(reader: Reader): void {
  while (reader.text[reader.at] === ' ' || reader.text[reader.at] === '\t') reader.at++;
}
