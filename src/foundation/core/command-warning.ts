// Warnings of the command line: a sentence for people and, beside it, a fact for programs, which --json has in `warningFacts`.
// docs/errors.md lists the codes.

/** A code and the values behind it, as plain JSON. */
export interface CommandWarning {
  readonly code: string;
  readonly [value: string]: unknown;
}

/** Shows a warning. Never carries data. */
export type Warn = (text: string, fact?: CommandWarning) => void;
