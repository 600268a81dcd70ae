// Bench of the tokenizer: characters and tokens a second, in turn with @huggingface/tokenizers on the same tokenizer.json;
// and the time to train a vocabulary. Ids are compared before anything is timed.
// npx tsx bench/tokenize.ts [--allow-busy]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import Papa from 'papaparse';
import { trainVocabulary } from '../src/text/tokenize/train-vocabulary.ts';
import { createWordPieceTokenizer } from '../src/text/tokenize/wordpiece.ts';
import { wrapTokenizer } from '../src/text/tokenize/wordpiece-encoder.ts';
import { runSuite } from './harness.ts';
import { generateIsotFolder } from './isot-generator.ts';
import { listRatios, runInTurn, timeMs } from './sides.ts';

const ARTICLES = 2000;
const ENCODED = 200;
const BYTES_EACH = 2560; // as ISOT's articles
const ROUNDS = 7;
const VOCABULARY_ROUNDS = 3;
const VOCABULARY = 8192;
const CUT_TOKENS = 512;
const PEER = '@huggingface/tokenizers';

const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
try {
  await runSuite(
    'tokenize',
    async (suite) => {
      generateIsotFolder(folder, { rows: ARTICLES, bytes: ARTICLES * BYTES_EACH });
      const texts = ['True.csv', 'Fake.csv'].flatMap(readTexts);
      const train = () => trainVocabulary(texts, { size: VOCABULARY });
      const vocabulary = await train();
      const tokenizer = createWordPieceTokenizer(vocabulary);
      const encoder = wrapTokenizer(tokenizer, { maxTokens: CUT_TOKENS, truncation: 'head' });
      encoder.save(folder);
      const read = (name: string): object => JSON.parse(readFileSync(join(folder, name), 'utf8'));
      const peer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
      const encodeByPeer = (text: string): number[] => peer.encode(text, { add_special_tokens: false }).ids;

      const encoded = texts.slice(0, ENCODED);
      let tokens = 0;
      for (const text of encoded) {
        const ids = tokenizer.encode(text);
        if (ids.join() !== encodeByPeer(text).join()) throw new Error(`ids differ from ${PEER}: not timed`);
        tokens += ids.length;
      }
      const characters = encoded.reduce((sum, text) => sum + text.length, 0);
      const all = (encode: (text: string) => unknown) => (): Promise<number> =>
        timeMs(() => {
          for (const text of encoded) encode(text);
        });
      const times = await runInTurn(
        {
          whole: all((text) => tokenizer.encode(text)),
          peer: all(encodeByPeer),
          cut: all((text) => encoder.encode({ title: '', text })),
          offsets: all((text) => tokenizer.encodeWithOffsets(text)),
        },
        { rounds: ROUNDS },
      );
      const record = (name: string, unit: string, values: readonly number[], note = ''): unknown =>
        suite.record({ name, unit, better: unit === 's' ? 'lower' : 'higher', values, note });
      /** Millions a second of the unit that `total` counts. */
      const rates = (total: number, ms: readonly number[]): number[] =>
        ms.map((value) => total / value / 1000);
      record('encode whole articles', 'Mtoken/s', rates(tokens, times.whole));
      record(`encode whole articles, ${PEER}`, 'Mtoken/s', rates(tokens, times.peer));
      const ratios = listRatios(times.peer, times.whole);
      record(`ours / ${PEER}`, 'times', ratios, 'above 1: ours is faster; same ids');
      record('encode whole articles', 'Mchar/s', rates(characters, times.whole));
      record(
        `encode, head of ${CUT_TOKENS} tokens`,
        'Mchar/s',
        rates(characters, times.cut),
        'of the whole text',
      );
      record('encode with offsets', 'Mchar/s', rates(characters, times.offsets));
      const training = await runInTurn(
        { ours: () => timeMs(train) },
        { rounds: VOCABULARY_ROUNDS, warmUps: 0 },
      );
      const seconds = training.ours.map((ms) => ms / 1000);
      record(`train a vocabulary of ${VOCABULARY} on ${texts.length} articles`, 's', seconds);
    },
    { threads: 1 },
  );
} finally {
  rmSync(folder, { recursive: true });
}

function readTexts(name: string): string[] {
  const { data } = Papa.parse<Record<string, string>>(readFileSync(join(folder, name), 'utf8'), {
    header: true,
    skipEmptyLines: true,
  });
  return data.map(({ title, text }) => `${title} ${text}`);
}
