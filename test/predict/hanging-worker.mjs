// A model's thread that loads and then never responds: it loops forever, or sleeps in native code, where terminate() does
// not reach it. The article chooses: its title is the way to hang, its text a file for the id of the sleeping process.
import { spawnSync } from 'node:child_process';
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ id, method, argument }) => {
  if (method !== 'predictDetailed') return parentPort.postMessage({ id, result: null });
  const [{ title, text }] = argument;
  if (title === 'native') spawnSync('sh', ['-c', `echo $$ > '${text}'; exec sleep 60`]);
  for (;;);
});
