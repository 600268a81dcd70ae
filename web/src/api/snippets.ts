// Writes a curl command and a TypeScript program that request the prediction for an article.
import type { Article } from '../api.ts';

export interface SnippetOptions {
  /** Address of the server, without a trailing slash. */
  readonly url: string;
  /** Whether the server requires a key; the snippets never contain the key itself. */
  readonly withKey: boolean;
}

export function writeCurl(article: Article, { url, withKey }: SnippetOptions): string {
  const body = JSON.stringify(Object.fromEntries(listParts(article)));
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
const prediction = await client.predict({
${listParts(article)
  .map(([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`)
  .join('')}});
console.log(prediction.abstained ? 'not sure' : prediction.label, prediction.probability);
`;
}

/** Quotes a text for a POSIX shell, in which everything between single quotes is literal. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Title and text, without an empty one. */
function listParts({ title, text }: Article): [string, string][] {
  return Object.entries({ title, text }).filter(([, value]) => value !== '');
}
