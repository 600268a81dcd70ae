// Records the environment and the machine of a run. Two machines of one kind compute the same bits with the same software;
// the kind is the platform and the instruction sets for which ONNX Runtime, V8 and the C library have code of their own.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, hostname, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { isSecretName, maskText } from '../../foundation/config/index.ts';
import { hashFile, packageRoot } from '../../foundation/core/index.ts';
import type { Run, RunEnvironment, RunMachine, RunPlace } from '../../foundation/records/index.ts';
import { hashProgram } from './recorded-code.ts';

/** Instruction sets by which kernels choose their code, as /proc/cpuinfo spells them (x64, then ARM). */
const INSTRUCTION_SETS = [
  ...['sse4_1', 'avx', 'f16c', 'fma', 'avx2', 'avx_vnni', 'avx512f', 'avx512dq', 'avx512bw', 'avx512vl'],
  ...['avx512_vnni', 'avx512_bf16', 'avx512_fp16', 'amx_tile', 'amx_bf16', 'amx_int8'],
  ...['asimd', 'asimdhp', 'asimddp', 'asimdfhm', 'bf16', 'i8mm', 'sve', 'sve2', 'sme'],
];

/** Variables that may change what a training computes, or how fast. */
const VARIABLES =
  /^(?:VERACITY_\w+|NODE_OPTIONS|UV_THREADPOOL_SIZE|(?:OMP|KMP|GOMP|MKL|OPENBLAS|ORT|CUDA|NVIDIA|HF)_\w+|GLIBC_TUNABLES|LD_PRELOAD|LD_LIBRARY_PATH|DYLD_\w+|MALLOC_ARENA_MAX|TZ|LANG|LC_ALL)$/;

export function recordMachine(): RunMachine {
  const [processor] = cpus();
  return {
    name: hostname(),
    processor: processor?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kind: describeMachineKind(),
  };
}

/** What decides the bits of the steps that this process takes. */
export async function recordPlace(): Promise<RunPlace> {
  return {
    programSha256: hashProgram(),
    kernelsSha256: await hashKernels(),
    machineKind: describeMachineKind(),
    node: process.versions.node,
  };
}

/** Such as `linux-x64 sse4_1 avx avx2 fma`; where the system does not list instruction sets, the processor's name. */
function describeMachineKind(): string {
  const platform = `${process.platform}-${process.arch}`;
  const flags = readInstructionSets();
  const sets = INSTRUCTION_SETS.filter((name) => flags.has(name));
  return `${platform} ${sets.length > 0 ? sets.join(' ') : (cpus()[0]?.model.trim() ?? 'unknown')}`;
}

function readInstructionSets(): Set<string> {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return new Set(line?.[1]?.trim().split(/\s+/));
  } catch {
    return new Set(); // not Linux
  }
}

export async function recordEnvironment(): Promise<RunEnvironment> {
  return {
    v8: process.versions.v8,
    kernelsSha256: await hashKernels(),
    os: `${process.platform} ${release()} ${process.arch}`,
    libc: readLibc(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    variables: pickVariables(process.env),
  };
}

/** The variables that a run keeps; of one that holds a secret only the name. */
export function pickVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => VARIABLES.test(name));
  return Object.fromEntries(
    kept
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value = '']) => [name, isSecretName(name) && value !== '' ? '***' : maskText(value)]),
  );
}

export function recordVersions(): Run['versions'] {
  return {
    veracity: readVersion(join(packageRoot, 'package.json')),
    node: process.versions.node,
    onnxruntime: readVersion(join(locateRuntime(), 'package.json')),
  };
}

function locateRuntime(): string {
  return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
}

let kernelsSha256: Promise<string | null> | undefined;

/** Hash of ONNX Runtime's library for this platform; null where it is not found. It is computed once. */
function hashKernels(): Promise<string | null> {
  kernelsSha256 ??= findKernels().then((path) => (path === null ? null : hashFile(path)));
  return kernelsSha256;
}

async function findKernels(): Promise<string | null> {
  const folder = join(locateRuntime(), 'bin', 'napi-v6', process.platform, process.arch);
  if (!existsSync(folder)) return null;
  const name = readdirSync(folder).find((file) =>
    /^(?:lib)?onnxruntime\.(?:so|dylib|dll|[\d.]+\.dylib)/.test(file),
  );
  return name === undefined ? null : join(folder, name);
}

/** Version of glibc, such as `glibc 2.36`; null on systems without it. */
function readLibc(): string | null {
  const report = process.report as unknown as { getReport(): { header?: { glibcVersionRuntime?: string } } };
  const version = report.getReport().header?.glibcVersionRuntime;
  return version === undefined ? null : `glibc ${version}`;
}

function readVersion(path: string): string {
  const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof json === 'object' && json !== null && 'version' in json ? String(json.version) : 'unknown';
}
