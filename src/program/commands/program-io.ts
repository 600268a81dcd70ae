// The inputs and outputs of the program: those of the process, or replacements in a test.
import type { ProgressFactory, Warn } from '../../foundation/core/index.ts';

export interface ProgramIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Progress bars on the same terminal as `stderr`; if absent, none are shown. */
  readonly progress?: ProgressFactory;
  /** Called with the command that continues the work if the process is ended at once; null: there is none. */
  readonly tellResume?: (command: string) => void;
  /** Shows a warning of one or more lines on the same terminal; if absent, `stderr` gets it. */
  readonly warn?: Warn;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP, with STOPPED as its reason. */
  readonly signal: AbortSignal;
  readonly version: string;
}
