// Checks of what is installed: Node.js, ONNX Runtime and the built web page.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/core/index.ts';
import type { NodeCheck, PageCheck, RuntimeCheck } from './check.ts';

const MIN_NODE = [20, 19] as const;

/** @param version  such as `20.19.1` */
export function checkNode(version = process.versions.node): NodeCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return { kind: 'node', status: isNew ? 'ok' : 'fail', version, wanted: MIN_NODE.join('.') };
}

/**
 * Checks whether the package and its binary for this platform are there and can be loaded.
 * @param load  loads the native library
 */
export async function checkRuntime(load: () => Promise<void>): Promise<RuntimeCheck> {
  const found = findRuntime();
  if (found.status === 'fail') return found;
  try {
    await load();
    return found;
  } catch (error) {
    return { kind: 'runtime', status: 'fail', problem: 'not-loadable', reason: firstLine(error) };
  }
}

function findRuntime(): RuntimeCheck {
  try {
    // The package's exports hide package.json, so it is found beside the entry file.
    const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
    const root = entry.slice(0, entry.lastIndexOf('onnxruntime-node') + 'onnxruntime-node'.length);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const platform = `${process.platform}/${process.arch}`;
    const binary = join(root, 'bin', 'napi-v6', process.platform, process.arch, 'onnxruntime_binding.node');
    return existsSync(binary)
      ? { kind: 'runtime', status: 'ok', version, platform }
      : { kind: 'runtime', status: 'fail', problem: 'no-binary', version, platform };
  } catch (error) {
    return { kind: 'runtime', status: 'fail', problem: 'not-installed', reason: firstLine(error) };
  }
}

function firstLine(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : 'unknown';
}

export function checkPage(): PageCheck {
  const isBuilt = existsSync(join(packageRoot, 'dist/web/index.html'));
  return { kind: 'page', status: isBuilt ? 'ok' : 'warn', isBuilt };
}
