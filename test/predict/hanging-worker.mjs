// A model's thread that loads and then never answers: it runs in circles, or sleeps in native code, where terminate()
// doesn't reach it. Articles say which: the title is the way, the text a file for the sleeping process's id.
import { spawnSync } from 'node:child_process';
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ id, method, argument }) => {
  if (method !== 'predictDetailed') return parentPort.postMessage({ id, result: null });
  const [{ title, text }] = argument;
  if (title === 'native') spawnSync('sh', ['-c', `echo $$ > '${text}'; exec sleep 60`]);
  for (;;);
});
