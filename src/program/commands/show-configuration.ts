// --cfg prints the resolved configuration and where each value was set, and runs nothing. An invalid configuration is
// printed too, before it is refused.
import {
  composeEntry,
  formatConfigWithOrigins,
  listOrigins,
  maskSecrets,
  toPlain,
} from '../../foundation/config/index.ts';
import { assertEntryValid, type EntryName } from '../../workflows/configuration/index.ts';
import type { CommandInput } from './command.ts';
import type { ConfigSearch } from './command-context.ts';
import type { ProgramIo } from './program-io.ts';

/**
 * @returns the exit code
 * @throws OVERRIDE_SYNTAX, CONFIG_INVALID and what composing throws
 */
export function showConfiguration(
  entry: EntryName,
  overrides: readonly string[],
  options: CommandInput['options'],
  search: ConfigSearch,
  io: ProgramIo,
): number {
  const composed = composeEntry(entry, overrides, {
    workingDirectory: io.workingDirectory,
    environment: io.environment,
    ...search,
  });
  if (options.json !== true) io.stdout(formatConfigWithOrigins(composed));
  assertEntryValid(entry, composed);
  if (options.json === true) {
    const document = { config: toPlain(maskSecrets(composed.root)), origins: listOrigins(composed.root) };
    io.stdout(`${JSON.stringify(document, null, 2)}\n`);
  }
  return 0;
}
