// Reads the digests that reference/reference_digests.py made, and computes the same from the results of our tokenizer.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { TokenSpans } from '../../src/text/tokenize/article-encoder.ts';
import type { NormalizerOptions } from '../../src/text/tokenize/bert-normalizer.ts';
import type { WordPieceTokenizer } from '../../src/text/tokenize/wordpiece.ts';

const digests = z.array(z.string());
const schema = z.object({
  tokenizers: z.string(),
  texts: z.string(),
  vocabulary: z.string(),
  fuzz: z.object({ uncased: digests, cased: digests, 'uncased, accents kept': digests }),
  bertFuzz: digests,
  shared: z.record(
    z.string(),
    z.object({ columns: z.array(z.string()), rows: z.int(), texts: z.string(), encodings: z.string() }),
  ),
});

export const REFERENCE = schema.parse(
  JSON.parse(readFileSync(new URL('./reference/digests.json', import.meta.url), 'utf8')),
);

export const VARIANTS: Record<keyof typeof REFERENCE.fuzz, NormalizerOptions> = {
  uncased: { lowercase: true, stripAccents: true, spaceChinese: true },
  cased: { lowercase: false, stripAccents: false, spaceChinese: true },
  'uncased, accents kept': { lowercase: true, stripAccents: false, spaceChinese: false },
};

export function shortDigest(parts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

/** Digest over the encodings of `texts`, as the script makes it; ids come from `encode`, spans from the slow way. */
export function digestEncodings(tokenizer: WordPieceTokenizer, texts: readonly string[]): string {
  return shortDigest(texts.map((text) => formatEncoding(tokenizer, text)));
}

/** "ids|starts|ends" with offsets in code points, as Python counts. */
export function formatEncoding(tokenizer: WordPieceTokenizer, text: string): string {
  const spans = toCodePointSpans(text, tokenizer.encodeWithOffsets(text));
  const columns = [tokenizer.encode(text), spans.starts, spans.ends];
  return `${columns.map((values) => values.join(',')).join('|')}\n`;
}

function toCodePointSpans(text: string, spans: TokenSpans): TokenSpans {
  const index = new Int32Array(text.length + 1); // code points before each unit
  for (let unit = 0, count = 0; unit < text.length; ) {
    const width = text.codePointAt(unit)! > 0xffff ? 2 : 1;
    index.fill(count++, unit, unit + width);
    unit += width;
    index[unit] = count;
  }
  return {
    ids: spans.ids,
    starts: spans.starts.map((unit) => index[unit]!),
    ends: spans.ends.map((unit) => index[unit]!),
  };
}
