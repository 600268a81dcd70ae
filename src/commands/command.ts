// What a command is to cli.ts: a name, its help, and a function from arguments to a result. cli.ts owns parsing,
// --json, --verbose, exit codes and signals, so that every command behaves alike.
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { ProgressFactory } from '../core/progress.ts';
import type { Home } from '../records/home.ts';

export interface CommandContext {
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

export interface CommandInput {
  /** Positional arguments: overrides such as `optimizer.lr=1e-3`, ids, files. */
  readonly args: readonly string[];
  /** Options by camelCase name; of a repeatable one all values, as typed. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

export interface CommandResult {
  /** What --json prints: one document. `undefined` prints nothing (a streamed command). */
  readonly json: unknown;
  /** What people read without --json. */
  readonly text: string;
  /** Default 0. */
  readonly exitCode?: number;
}

export interface Command {
  /** Words as typed: "train", "data prepare". */
  readonly name: string;
  readonly summary: string;
  /** Positional arguments in help, e.g. "[overrides...]". */
  readonly argumentsUsage: string;
  readonly options: readonly {
    readonly flags: string;
    readonly description: string;
    /** May be given several times. */
    readonly repeatable?: boolean;
  }[];
  /** Shown under Example in --help. */
  readonly examples: readonly string[];
  /** For --cfg: the overrides that the input stands for, where options set configuration too. Default: the arguments. */
  readonly listOverrides?: (input: CommandInput) => readonly string[];
  readonly run: (input: CommandInput, context: CommandContext) => Promise<CommandResult>;
}
