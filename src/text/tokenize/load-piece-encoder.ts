// The one place that chooses a tokenizer: by the `model.type` of tokenizer.json, whatever the family of the model is.
// WordPiece is our own; byte-level BPE and Unigram come with a library, which is loaded only for them. Whatever would
// change ids and is not understood is refused, never ignored.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PieceEncoder } from './article-encoder.ts';
import type { PieceEncoderOptions } from './piece-encoder.ts';
import { parseTokenizerText, readTokenizerText } from './tokenizer-files.ts';
import { wrapTokenizer } from './wordpiece-encoder.ts';
import { loadWordPieceTokenizer } from './wordpiece-file.ts';

/**
 * Opens the tokenizer of a checkpoint's or a model's folder: tokenizer.json, or BERT's vocab.txt.
 * @throws FILE_NOT_FOUND, TOKENIZER_UNSUPPORTED, TOKENIZER_INVALID, USAGE
 */
export async function loadPieceEncoder(folder: string, options: PieceEncoderOptions): Promise<PieceEncoder> {
  const path = join(folder, 'tokenizer.json');
  if (!existsSync(path)) return wrapTokenizer(loadWordPieceTokenizer(folder), options);
  const text = readTokenizerText(path);
  const json = parseTokenizerText(text, path);
  const kind = KINDS.get(readModelType(json) ?? '');
  // WordPiece, or a kind that its reader refuses by name
  if (kind === undefined) return wrapTokenizer(loadWordPieceTokenizer(folder, json), options);
  const { openLibraryEncoder } = await import('./library-encoder.ts');
  return openLibraryEncoder({ kind, folder, text, json }, options);
}

const KINDS: ReadonlyMap<string, 'byte-bpe' | 'unigram'> = new Map([
  ['BPE', 'byte-bpe'],
  ['Unigram', 'unigram'],
]);

/** Older files do not say their type; the reference tells it by what the model holds. */
function readModelType(json: unknown): string | undefined {
  const model = readKey(json, 'model');
  const type = readKey(model, 'type');
  if (typeof type === 'string') return type;
  if (Array.isArray(readKey(model, 'merges'))) return 'BPE';
  return Array.isArray(readKey(model, 'vocab')) ? 'Unigram' : undefined;
}

function readKey(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, key) : undefined;
}
