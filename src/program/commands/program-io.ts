// The inputs and outputs of the program: those of the process, or replacements in a test.
import type { ProgressFactory } from '../../foundation/core/index.ts';

export interface ProgramIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Progress bars on the same terminal as `stderr`; if absent, none are shown. */
  readonly progress?: ProgressFactory;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Aborted by the first Ctrl-C or SIGTERM, with STOPPED as its reason. */
  readonly signal: AbortSignal;
  readonly version: string;
}
