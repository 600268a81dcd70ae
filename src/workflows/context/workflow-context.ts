// The context that every workflow receives: stores, progress, and the stop signal.
import type { Clock, Logger, ProgressFactory, Warn } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import type { Stores } from './stores.ts';

export interface WorkflowContext {
  /** Folders below which derived files and settings lie; what is kept goes through `stores`. */
  readonly home: Home;
  readonly stores: Stores;
  readonly workingDirectory: string;
  /** Folders with the user's own configuration files, besides `configs` of the working directory. */
  readonly configDirs?: readonly string[];
  /** False: `configs` of the working directory is left out. */
  readonly searchesConfigs?: boolean;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly progress: ProgressFactory;
  /** Reports a step that was taken or a file that was written, in one line for people. Never carries data. */
  readonly say: (line: string) => void;
  /** Names the command that continues the work, for the case that the process is ended at once. */
  readonly tellResume?: (command: string) => void;
  /** Shows a warning that a person should read before going on; it may have several lines. Never carries data. */
  readonly warn: Warn;
  /** When it is aborted, the workflow finishes the current step, saves and returns. Ctrl-C, SIGTERM and SIGHUP abort it. */
  readonly signal: AbortSignal;
}
