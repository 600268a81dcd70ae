// A server with transformers.js in Fastify: the same model folder, float32, one process. bench/serving.ts starts it with the
// folder where both are installed (VERACITY_TRANSFORMERS_JS), the model's folder, a port and the number of threads.
// Checked with @huggingface/transformers 4.3.1 and fastify 5.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [installed, folder, port, threads] = process.argv.slice(2);
const resolve = createRequire(join(installed, 'package.json')).resolve;
const load = (name) => import(pathToFileURL(resolve(name)).href);
const { default: fastify } = await load('fastify');
const { AutoModelForSequenceClassification, AutoTokenizer, env } = await load('@huggingface/transformers');

env.allowRemoteModels = false;
env.localModelPath = dirname(folder);
const name = basename(folder);
const { calibration, maxTokens } = JSON.parse(readFileSync(join(folder, 'veracity.json'), 'utf8'));
const tokenizer = await AutoTokenizer.from_pretrained(name);
const model = await AutoModelForSequenceClassification.from_pretrained(name, {
  dtype: 'fp32',
  device: 'cpu',
  session_options: {
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  },
});
const separator = tokenizer('').input_ids.data.at(-1);
const classNames = Object.entries(model.config.id2label)
  .sort(([a], [b]) => Number(a) - Number(b))
  .map(([, className]) => className);

async function judge({ title, text }) {
  const content = title === '' ? text : `${title} ${text}`;
  const inputs = tokenizer(content, { truncation: true, max_length: maxTokens });
  // transformers.js 4.3.1 also cuts off the closing token, which Python's tokenizers keep; without this line the
  // predictions differ.
  inputs.input_ids.data[inputs.input_ids.data.length - 1] = separator;
  const { logits } = await model(inputs);
  const scaled = [...logits.data].map((logit) => Number(logit) / calibration.temperature);
  const powers = scaled.map((value) => Math.exp(value - Math.max(...scaled)));
  const sum = powers.reduce((a, b) => a + b);
  const values = powers.map((power) => power / sum);
  const best = values.indexOf(Math.max(...values));
  const probabilities = Object.fromEntries(classNames.map((className, i) => [className, values[i]]));
  return { label: classNames[best], probability: values[best], probabilities };
}

await judge({ title: '', text: 'warm '.repeat(128) }); // before the port opens
const app = fastify();
const texts = {
  type: 'object',
  required: ['title', 'text'],
  properties: { title: { type: 'string' }, text: { type: 'string' } },
};
app.post('/v1/predict', { schema: { body: texts } }, (request) => judge(request.body));
await app.listen({ host: '127.0.0.1', port: Number(port) });
