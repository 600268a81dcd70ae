// What a command is to cli.ts: a name, its help, and a function from arguments to a result. cli.ts owns parsing,
// --json, --verbose, exit codes and signals, so that every command behaves alike.
import type { WorkflowContext } from '../../workflows/context/index.ts';

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
  readonly run: (input: CommandInput, context: WorkflowContext) => Promise<CommandResult>;
}
