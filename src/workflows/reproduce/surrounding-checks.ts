// Compares the code, the software and the machine of a run with those of now.
import { availableParallelism } from 'node:os';
import { chooseDevice } from '../../engine/runtime/device/index.ts';
import { hashSha256, isAppError } from '../../foundation/core/index.ts';
import type { Run, RunCode, RunEvent, RunPlace } from '../../foundation/records/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { recordCode, recordEnvironment, recordMachine, recordVersions } from '../train/index.ts';
import { compareParts, type PartRole, type ReproductionCheck } from './reproduction-check.ts';

/** Program, commit and uncommitted changes. Where the program is the same, its commit is only information. */
export async function checkCode(
  run: Run,
  { workingDirectory }: WorkflowContext,
): Promise<ReproductionCheck[]> {
  const { commit, code } = await recordCode(workingDirectory);
  const program = compareParts(
    'program',
    'code',
    shorten(run.code?.programSha256),
    shorten(code.programSha256) ?? null,
  );
  const role: PartRole = program.status === 'equal' ? 'information' : 'code';
  const changes = compareParts('changes', role, describeChanges(run.code), describeChanges(code) ?? null);
  return [
    program,
    compareParts('veracity', role, run.versions.veracity, recordVersions().veracity),
    compareParts(
      'commit',
      role,
      run.code === undefined ? run.commit : (run.commit ?? 'none'),
      commit ?? 'none',
    ),
    // Changes of another commit say nothing.
    ...(run.commit === null && commit === null ? [] : [changes]),
  ];
}

function describeChanges(code: RunCode | undefined): string | undefined {
  const changes = code?.changes;
  if (changes === undefined) return undefined;
  if (changes === null) return 'no checkout';
  const { sizeBytes, sha256, untracked } = changes;
  const tracked =
    sizeBytes === 0 ? 'none' : `${sizeBytes ?? 'many'} bytes, ${shorten(sha256) ?? 'no digest'}`;
  return untracked.length === 0
    ? tracked
    : `${tracked}; untracked files, ${shorten(hashSha256(untracked.join('\0')))}`;
}

/** What decides the last bits: versions, kernels, the kind of machine, the variables that change them. */
export async function checkSurroundings(run: Run): Promise<ReproductionCheck[]> {
  const { environment: before, machine } = run;
  const after = await recordEnvironment();
  const here = recordMachine();
  const versions = recordVersions();
  return [
    compareParts('node', 'numbers', run.versions.node, versions.node),
    compareParts('v8', 'numbers', before?.v8, after.v8),
    compareParts('onnxruntime', 'numbers', run.versions.onnxruntime, versions.onnxruntime),
    compareParts('kernels', 'numbers', shorten(before?.kernelsSha256), shorten(after.kernelsSha256) ?? null),
    compareParts('libc', 'numbers', before && (before.libc ?? 'none'), after.libc ?? 'none'),
    compareParts('machine kind', 'numbers', machine?.kind, here.kind),
    compareParts(
      'machine',
      'information',
      machine && `${machine.name}, ${machine.processor}, ${machine.cores} cores`,
      `${here.name}, ${here.processor}, ${here.cores} cores`,
    ),
    compareParts(
      'variables',
      'numbers',
      before && describeVariables(before.variables),
      describeVariables(after.variables),
    ),
  ];
}

/** Variables that change what libraries compute. Others say where things lie, or are part of the configuration. */
const COMPUTING =
  /^(?:NODE_OPTIONS|GLIBC_TUNABLES|LD_PRELOAD|LD_LIBRARY_PATH|(?:DYLD|OMP|KMP|GOMP|MKL|OPENBLAS|ORT|CUDA|NVIDIA)_\w+)$/;

function describeVariables(variables: Readonly<Record<string, string>>): string {
  const kept = Object.entries(variables).filter(([name]) => COMPUTING.test(name));
  return kept.map(([name, value]) => `${name}=${value}`).join(' ') || 'none';
}

/** Threads and device; a device that is not here makes the run impossible. */
export async function checkPlacement(run: Run, config: TrainConfig): Promise<ReproductionCheck[]> {
  const threads = config.threads === 0 ? availableParallelism() : config.threads;
  const checks = [
    compareParts(
      'threads',
      'numbers',
      run.threads === undefined ? undefined : `${run.threads}`,
      `${threads}`,
    ),
  ];
  const device = { part: 'device', role: 'numbers', before: run.device ?? null } as const;
  try {
    const chosen = await chooseDevice(config.device);
    // A model without a graph for the device runs on the processor.
    const isSame = run.device === chosen.device || run.device === 'cpu';
    const status = run.device === undefined ? 'not recorded' : isSame ? 'equal' : 'differs';
    checks.push({ ...device, status, after: isSame ? (run.device ?? null) : chosen.device });
  } catch (error) {
    if (!isAppError(error)) throw error;
    checks.push({ ...device, status: 'missing', after: error.message });
  }
  return checks;
}

/** Whether all attempts were on the same program, kernels and kind of machine; null: there was one, or it was not recorded. */
export function checkResumes(events: readonly RunEvent[]): ReproductionCheck | null {
  const places = events.flatMap((event) =>
    event.type === 'started' && event.place !== undefined ? [describePlace(event.place)] : [],
  );
  const [first, ...later] = places;
  if (first === undefined || later.length === 0) return null;
  const other = later.find((place) => place !== first);
  return compareParts('resumes', 'numbers', first, other ?? first);
}

function describePlace(place: RunPlace): string {
  const { programSha256, kernelsSha256, machineKind, node } = place;
  const kind = shorten(hashSha256(machineKind));
  return `program ${shorten(programSha256)}, kernels ${shorten(kernelsSha256)}, Node ${node}, machine kind ${kind}`;
}

function shorten(digest: string | null | undefined): string | undefined {
  return digest?.slice(0, 12);
}
