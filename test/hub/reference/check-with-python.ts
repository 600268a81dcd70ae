// Run by hand: npx tsx test/hub/reference/check-with-python.ts PYTHON [CHECKPOINT_FOLDER]. It checks that this program and
// Python read each other's cache without a request; with the folder of a real checkpoint, Python's transformers too. It
// passed with huggingface_hub 2.4.0 and transformers 5.23.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHubHome } from '../hub-fixture.ts';
import { startHubServer, tinyRepository } from '../hub-server.ts';

const [python = 'python3', checkpoint] = process.argv.slice(2);
const names = checkpoint === undefined ? [] : readdirSync(checkpoint, { withFileTypes: true });
const files =
  checkpoint === undefined
    ? tinyRepository()
    : Object.fromEntries(
        names
          .filter((entry) => entry.isFile() && /\.(json|txt|safetensors)$/.test(entry.name))
          .map(({ name }) => [name, readFileSync(join(checkpoint, name))]),
      );
const run = async (env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> => {
  const script = join(import.meta.dirname, 'python_cache.py');
  const { stdout } = await promisify(execFile)(python, [script, ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  return stdout.trim();
};

// The storage is another host, because Python follows no redirect to another host when it requests the size of a file.
await using storage = await startHubServer({ files });
const server = await startHubServer({ files, storage: storage.endpoint.replace('127.0.0.1', 'localhost') });
const online = { HF_ENDPOINT: server.endpoint };
const offline = { HF_HUB_OFFLINE: '1' };

{
  using ours = createHubHome();
  const { folder } = await ours.load(server.endpoint);
  const read = await run(ours.env(offline), 'offline', ...readdirSync(folder));
  console.log('ours read by huggingface_hub:', read === folder ? 'same folder' : `DIFFERS: ${read}`);
  console.log('  scan:', await run(ours.env(), 'scan'));
  if (checkpoint !== undefined) console.log('  transformers:', await run(ours.env(offline), 'model'));
  const before = server.requests.length;
  await run(ours.env(online), 'download', ...readdirSync(folder));
  const reads = server.requests.slice(before).filter(({ method }) => method === 'GET');
  console.log('  GETs of Python online:', reads.map(({ path }) => path).join(' '));
}
{
  using theirs = createHubHome();
  using ours = createHubHome();
  const wanted = readdirSync((await ours.load(server.endpoint)).folder);
  const folder = await run(theirs.env(online), 'download', ...wanted);
  const read = await theirs.load(server.endpoint, { env: offline });
  console.log('theirs read by us:', read.folder === folder ? 'same folder' : `DIFFERS: ${read.folder}`);
  const before = server.requests.length;
  await theirs.load(server.endpoint);
  console.log('  requests of ours online:', server.requests.slice(before).map(({ path }) => path).join(' '));
}
if (checkpoint !== undefined) {
  using theirs = createHubHome();
  console.log('transformers from the server:', await run(theirs.env(online), 'model'));
  const read = await theirs.load(server.endpoint, { env: offline });
  console.log('  its cache read by us:', read.folder);
}
await server.close();
