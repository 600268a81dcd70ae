// Compares a model folder in transformers.js with the logits that export-logits.ts wrote.
// In a folder with @huggingface/transformers installed: node transformers-js.mjs MODEL_FOLDER OUT.json; exits 1 above 1e-4.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const resolveHere = createRequire(resolve('package.json')).resolve;
const { AutoTokenizer, AutoModelForSequenceClassification, env } = await import(pathToFileURL(resolveHere('@huggingface/transformers')).href);
const [folder, path] = process.argv.slice(2).map((argument) => resolve(argument));
env.allowRemoteModels = false;
env.localModelPath = dirname(folder);
const { contents, logits, maxTokens } = JSON.parse(readFileSync(path, 'utf8'));
const tokenizer = await AutoTokenizer.from_pretrained(basename(folder));
const model = await AutoModelForSequenceClassification.from_pretrained(basename(folder), { dtype: 'fp32' });
const inputs = tokenizer(contents, { truncation: true, max_length: maxTokens, padding: true });
const found = (await model(inputs)).logits.data;
let worst = found.length === logits.length ? 0 : Number.POSITIVE_INFINITY;
for (const [i, logit] of logits.entries()) worst = Math.max(worst, Math.abs(found[i] - logit));
console.log(`transformers.js ${env.version}, ${contents.length} articles: largest difference ${worst}`);
process.exit(worst < 1e-4 ? 0 : 1);
