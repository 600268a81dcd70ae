// Writes our logits for 64 articles of the bundled sample, for hugging-face.py and transformers-js.mjs to compare with.
// Run: npx tsx test/parity/reference/export-logits.ts MODEL_FOLDER OUT.json
import { readFileSync, writeFileSync } from 'node:fs';
import { cleanArticle } from '../../../src/text/clean/clean-article.ts';
import { loadClassifier } from '../../../src/public/predict.ts';
import { formatContent } from '../../../src/text/tokenize/piece-encoder.ts';

const [folder, out] = process.argv.slice(2) as [string, string];
const lines = readFileSync(new URL('../../../sample/articles.jsonl', import.meta.url), 'utf8').trim().split('\n');
const articles = lines.filter((_, i) => i % Math.floor(lines.length / 64) === 0).slice(0, 64);
// Short enough not to be cut: transformers.js 4.3 cuts the closing [SEP] off a truncated text, Python's library and ours
// keep it.
const rows = articles.map((line) => {
  const { title, text } = JSON.parse(line) as { title: string; text: string };
  return { title, text: text.split(' ').slice(0, 50).join(' ') };
});
const run = async (): Promise<void> => {
  const classifier = await loadClassifier(folder, { threads: 0 });
  const logits = [...(await classifier.computeLogits(rows))];
  const { strip } = classifier.info.cleaning;
  const contents = rows.map((row) => formatContent(cleanArticle(row, { strip }).article));
  writeFileSync(out, JSON.stringify({ maxTokens: classifier.info.maxTokens, contents, logits }));
  await classifier.dispose();
};
void run();
