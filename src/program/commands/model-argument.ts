// Reads the model argument of the `models` commands.
import { appError } from '../../foundation/core/index.ts';
import type { CommandInput } from './command.ts';

/** @throws USAGE unless there is exactly one argument */
export function readModelArgument(command: string, { args }: CommandInput): string {
  const [argument] = args;
  if (argument === undefined || args.length > 1) {
    throw appError('USAGE', {
      where: command,
      problem: `expected one model, got ${args.length === 0 ? 'none' : args.length}`,
      hint: `For example: veracity ${command} sample@1`,
    });
  }
  return argument;
}
