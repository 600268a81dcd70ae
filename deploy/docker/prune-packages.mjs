// Removes from node_modules what an image of this platform never loads: onnxruntime-node carries the libraries of five
// platforms (290 MB), of which one is ours. Fails if ours is not there: an image without it could not answer.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = process.argv[2] ?? fileURLToPath(new URL('../../node_modules', import.meta.url));
const binaries = join(packages, 'onnxruntime-node', 'bin');
const { platform, arch } = process;
let kept = 0;
for (const abi of existsSync(binaries) ? readdirSync(binaries) : []) {
  for (const os of readdirSync(join(binaries, abi))) {
    if (os !== platform) {
      rmSync(join(binaries, abi, os), { recursive: true });
      continue;
    }
    for (const cpu of readdirSync(join(binaries, abi, os))) {
      const folder = join(binaries, abi, os, cpu);
      if (cpu !== arch) rmSync(folder, { recursive: true });
      else if (existsSync(join(folder, 'onnxruntime_binding.node'))) kept++;
    }
  }
}
if (kept === 0) {
  console.error(`prune-packages: expected onnxruntime-node for ${platform} ${arch} in ${binaries}, got none`);
  process.exit(1);
}

// Maps and declarations are for who develops with a package.
const isForDevelopers = /\.(map|d\.[cm]?ts|md|markdown)$/i;
for (const entry of readdirSync(packages, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && isForDevelopers.test(entry.name)) rmSync(join(entry.parentPath, entry.name));
}
