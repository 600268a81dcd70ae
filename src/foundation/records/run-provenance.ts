// What it takes to have a run again, beside its data and configuration: the code, the environment, the machine and the
// command. Part of the head of a run. What could not be found out is null or absent.
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The code of a run: the program, and the Git checkout of the working directory with its uncommitted changes. */
export const runCodeSchema = z.strictObject({
  /** Hash of the files of the program. */
  programSha256: sha256.nullable(),
  /** Commit of the checkout that the program lies in; null: it lies in none. */
  programCommit: z.string().nullable(),
  /** The uncommitted changes of the working directory; null: it is no checkout, or Git could not tell. */
  changes: z
    .strictObject({
      /** `git diff HEAD` of source files, cut at a limit, with secrets masked; empty: no source file was changed. */
      diff: z.string(),
      isCut: z.boolean(),
      /** Hash and size of the whole `git diff HEAD`, of all tracked files; null: it was too large. */
      sha256: sha256.nullable(),
      sizeBytes: z.int().nullable(),
      /** Changed tracked files that are not in `diff`, because they may hold data or secrets. */
      leftOut: z.array(z.string()),
      /** Files that Git does not track and does not ignore; folders that hold nothing else end with `/`. */
      untracked: z.array(z.string()),
      /** How many more such names there are than the two lists hold. */
      unlisted: z.int(),
    })
    .nullable(),
});
export type RunCode = z.infer<typeof runCodeSchema>;

/** Software and settings of the process. */
export const runEnvironmentSchema = z.strictObject({
  /** V8 computes the functions of `Math`. */
  v8: z.string(),
  /** Hash of ONNX Runtime's native library, whose kernels compute the graphs. */
  kernelsSha256: sha256.nullable(),
  /** Such as `linux 6.1.0 x64`. */
  os: z.string(),
  /** The C library, whose functions the kernels call; null where it is part of the system. */
  libc: z.string().nullable(),
  timeZone: z.string(),
  /** Variables that may change a training, by name; secrets are masked. */
  variables: z.record(z.string(), z.string()),
});
export type RunEnvironment = z.infer<typeof runEnvironmentSchema>;

export const runMachineSchema = z.strictObject({
  name: z.string(),
  /** Model of the processor. */
  processor: z.string(),
  cores: z.int(),
  memoryBytes: z.int(),
  /** What decides the last bits of sums: platform and instruction sets. Two machines of one kind compute the same bits. */
  kind: z.string(),
});
export type RunMachine = z.infer<typeof runMachineSchema>;

/** What decides the bits of the steps that one process takes; a resume may be on another machine. */
export const runPlaceSchema = z.strictObject({
  programSha256: sha256.nullable(),
  kernelsSha256: sha256.nullable(),
  machineKind: z.string(),
  node: z.string(),
});
export type RunPlace = z.infer<typeof runPlaceSchema>;
