// Serves a trained model folder over HTTP from your own program, until Ctrl-C.
// npx tsx examples/serve.ts [MODEL FOLDER] [PORT]   (default: version 1 of the linear model, port 8000; 0 = any)
import { join } from 'node:path';
import { locateHome } from 'veracity';
import { startServer } from 'veracity/serve';

const [modelFolder = join(locateHome().models, 'linear', '1'), port = '8000'] = process.argv.slice(2);

const server = await startServer({
  modelFolder,
  port: Number(port),
  limits: { maxArticles: 32 },
});
console.log(
  `listening on ${server.url} after ${Math.round(server.startMs)} ms; its documentation: ${server.url}/docs`,
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await server.close(); // finishes the requests in progress first
    console.log('stopped');
  });
}

const response = await fetch(`${server.url}/v1/predict`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    title: 'Ferry sails again',
    text: 'The harbour office named the cost and the cause.',
  }),
});
console.log(await response.json());
