// The room's door: what other rooms may use.
export { commandTable } from './command-table.ts';
export { asAppError, formatError, formatErrorDocument } from './error-output.ts';
export { runProgram } from './program.ts';
