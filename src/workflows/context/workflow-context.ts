// What every workflow is given: where things are kept, how to report progress, and when to stop.
import type { Clock, Logger, ProgressFactory } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';

export interface WorkflowContext {
  readonly home: Home;
  readonly workingDirectory: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly progress: ProgressFactory;
  /** One line for people about a step that was taken or a file that was written; on stderr, never data. */
  readonly say: (line: string) => void;
  /** Aborted by the first Ctrl-C or SIGTERM: finish the step, save, return. */
  readonly signal: AbortSignal;
}
