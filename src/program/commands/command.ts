// A command: its name, its help, and a function from arguments to a result. program.ts handles parsing, --json, --verbose
// and exit codes, so that all commands behave alike.
import type { WorkflowContext } from '../../workflows/context/index.ts';

export interface CommandInput {
  /** Positional arguments: overrides such as `optimizer.lr=1e-3`, ids, files. */
  readonly args: readonly string[];
  /** Options by camelCase name; a repeatable option has the list of all its values. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

export interface CommandResult {
  /** The document that --json prints; `undefined` prints nothing, for a command that streams its output. */
  readonly json: unknown;
  /** A list that is part of that document and too long to hold: it is written item by item, behind the rest. */
  readonly jsonList?: {
    readonly name: string;
    readonly items: AsyncIterable<unknown>;
    /** Fields that are known once the list has ended. */
    readonly finish: () => object;
  };
  /** The text that is printed without --json. */
  readonly text: string;
  /** Default 0. */
  readonly exitCode?: number;
}

export interface Command {
  /** The name as typed: "train", "data prepare". */
  readonly name: string;
  readonly summary: string;
  /** Positional arguments in help, e.g. "[overrides...]". */
  readonly argumentsUsage: string;
  readonly options: readonly {
    readonly flags: string;
    readonly description: string;
    /** May be given several times. */
    readonly repeatable?: boolean;
    /** All its values where they are few; shells complete them. */
    readonly values?: readonly string[];
  }[];
  /** Shown under Example in --help. */
  readonly examples: readonly string[];
  /** The overrides for --cfg, if options such as --port set configuration too. Default: the arguments. */
  readonly listOverrides?: (input: CommandInput) => readonly string[];
  /** What --multirun does; the command has this option if it is given. */
  readonly multirun?: (input: CommandInput, context: WorkflowContext) => Promise<CommandResult>;
  readonly run: (input: CommandInput, context: WorkflowContext) => Promise<CommandResult>;
}
