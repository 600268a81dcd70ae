// Removes files from node_modules that an image of this platform never loads: onnxruntime-node contains the libraries of
// five platforms (290 MB). It fails if the library of this platform is missing, because the image could not run a model.
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

// Source maps, declarations and documents are only needed for development.
const isForDevelopers = /\.(map|d\.[cm]?ts|md|markdown)$/i;
for (const entry of readdirSync(packages, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && isForDevelopers.test(entry.name)) rmSync(join(entry.parentPath, entry.name));
}
