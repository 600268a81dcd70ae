// The article at hand as a command and as a program that ask for the same verdict.
import type { Article } from '../api.ts';

export interface SnippetOptions {
  /** Address of the server, without a slash at the end. */
  readonly url: string;
  /** Whether the server asks for a key; it is never written out. */
  readonly withKey: boolean;
}

export function writeCurl(article: Article, { url, withKey }: SnippetOptions): string {
  const body = JSON.stringify({ title: article.title, text: article.text });
  return [
    `curl ${quote(`${url}/v1/predict`)}`,
    `-H 'content-type: application/json'`,
    ...(withKey ? ['-H "authorization: Bearer $VERACITY_KEY"'] : []),
    `--data-binary ${quote(body)}`,
  ].join(' \\\n  ');
}

export function writeTypeScript(article: Article, { url, withKey }: SnippetOptions): string {
  const key = withKey ? ", key: process.env.VERACITY_KEY ?? ''" : '';
  return `import { createClient } from 'veracity/client';

const client = createClient({ url: ${JSON.stringify(url)}${key} });
const verdict = await client.predict({
  title: ${writeString(article.title)},
  text: ${writeString(article.text)},
});
console.log(verdict.abstained ? 'not sure' : verdict.label, verdict.probability);
`;
}

/** For a POSIX shell, which takes everything between single quotes as it is. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function writeString(text: string): string {
  return JSON.stringify(text);
}
