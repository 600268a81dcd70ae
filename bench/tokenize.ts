// Tokenizer: characters and tokens a second, against @huggingface/tokenizers in turn on the same tokenizer.json; and
// how long a vocabulary takes to train. Ids are compared before anything is timed.
// Run: npx tsx bench/tokenize.ts [--json]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Tokenizer } from '@huggingface/tokenizers';
import Papa from 'papaparse';
import { trainVocabulary } from '../src/tokenize/train-vocabulary.ts';
import { createWordPieceEncoder } from '../src/tokenize/wordpiece-encoder.ts';
import { generateIsotFolder } from './isot-generator.ts';

const ROUNDS = 5;
const VOCABULARY = 8192;

export interface TokenizeFigure {
  readonly name: string;
  readonly unit: 's' | 'Mchar/s' | 'Mtoken/s' | 'times';
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Measures on generated articles. @param articles  how many to encode (a vocabulary is trained on all of them) */
export async function benchTokenize(articles = 2000): Promise<TokenizeFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
  try {
    generateIsotFolder(folder, { rows: articles, bytes: articles * 2560 });
    const texts = ['True.csv', 'Fake.csv'].flatMap((name) =>
      Papa.parse<Record<string, string>>(readFileSync(join(folder, name), 'utf8'), {
        header: true,
        skipEmptyLines: true,
      }).data.map((row) => `${row.title} ${row.text}`),
    );
    const startMs = performance.now();
    const vocabulary = await trainVocabulary(texts, { size: VOCABULARY });
    const trainSeconds = (performance.now() - startMs) / 1000;
    const encoder = createWordPieceEncoder({ vocabulary, maxTokens: 512, truncation: 'head' });
    encoder.save(folder);
    const read = (name: string): object => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const peer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));

    const some = texts.slice(0, 200);
    for (const text of some) {
      const theirs = peer.encode(text, { add_special_tokens: false }).ids.join();
      if (encoder.tokenizer.encode(text).join() !== theirs)
        throw new Error('ids differ from the peer: nothing timed');
    }
    const characters = some.reduce((sum, text) => sum + text.length, 0);
    const time = (encode: (text: string) => number): { characters: number; tokens: number } => {
      const start = performance.now();
      let tokens = 0;
      for (const text of some) tokens += encode(text);
      const seconds = (performance.now() - start) / 1000;
      return { characters: characters / seconds / 1e6, tokens: tokens / seconds / 1e6 };
    };
    const ours = {
      whole: [] as number[],
      tokens: [] as number[],
      cut: [] as number[],
      offsets: [] as number[],
    };
    const theirs = { whole: [] as number[], tokens: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      const a = time((text) => encoder.tokenizer.encode(text).length);
      const b = time((text) => peer.encode(text, { add_special_tokens: false }).ids.length);
      const cut = time((text) => encoder.encode({ title: '', text }).ids.length);
      const offsets = time((text) => encoder.tokenizer.encodeWithOffsets(text).ids.length);
      if (round === 0) continue; // warm-up
      ours.whole.push(a.characters);
      ours.tokens.push(a.tokens);
      ours.cut.push(cut.characters);
      ours.offsets.push(offsets.characters);
      theirs.whole.push(b.characters);
      theirs.tokens.push(b.tokens);
    }
    return [
      summarize(`train a vocabulary of ${VOCABULARY} on ${texts.length} articles`, 's', [trainSeconds]),
      summarize('encode whole articles', 'Mchar/s', ours.whole),
      summarize('encode whole articles', 'Mtoken/s', ours.tokens),
      summarize('encode, head of 512 tokens', 'Mchar/s', ours.cut),
      summarize('encode with offsets', 'Mchar/s', ours.offsets),
      summarize('@huggingface/tokenizers, whole articles', 'Mchar/s', theirs.whole),
      summarize('@huggingface/tokenizers, whole articles', 'Mtoken/s', theirs.tokens),
      summarize(
        'ours / @huggingface/tokenizers',
        'times',
        ours.whole.map((value, i) => value / theirs.whole[i]!),
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function summarize(name: string, unit: TokenizeFigure['unit'], values: readonly number[]): TokenizeFigure {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    name,
    unit,
    median: sorted[sorted.length >> 1]!,
    min: sorted[0]!,
    max: sorted[sorted.length - 1]!,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const load = loadavg()[0]!;
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    load,
    busy: load > 0.5 * cpus().length,
  };
  void benchTokenize().then((figures) => {
    if (process.argv.includes('--json')) {
      process.stdout.write(`${JSON.stringify({ machine, figures }, null, 2)}\n`);
      return;
    }
    process.stdout.write(
      `${JSON.stringify(machine)}${machine.busy ? ' BUSY: take the figures as rough' : ''}\n`,
    );
    for (const { name, unit, median, min, max } of figures) {
      const [m, low, high] = [median, min, max].map((value) => value.toFixed(2));
      process.stdout.write(`${name}: ${m} ${unit} (${low} to ${high})\n`);
    }
  });
}
