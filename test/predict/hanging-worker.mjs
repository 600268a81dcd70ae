// A model's thread that loads and then never responds: it loops forever, or sleeps in native code, where terminate() does
// not reach it. The article chooses: its title is the way to hang, its text a file for the id of the sleeping process.
import { spawnSync } from 'node:child_process';
import { parentPort } from 'node:worker_threads';
import { serveWorker } from '../../dist/foundation/threads/index.js';

serveWorker({ fileName: 'hanging-worker' }, parentPort, {
  load: () => null,
  predictDetailed: ([{ title, text }]) => {
    if (title === 'native') spawnSync('sh', ['-c', `echo $$ > '${text}'; exec sleep 60`]);
    for (;;);
  },
});
