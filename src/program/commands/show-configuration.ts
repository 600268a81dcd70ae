// --cfg prints the resolved configuration and where each value was set, and runs nothing. An invalid configuration is
// printed too, before it is refused. --multirun is only parsed so far; sweeps will run it.
import {
  composeEntry,
  formatConfigWithOrigins,
  listOrigins,
  maskSecrets,
  parseOverride,
  toPlain,
} from '../../foundation/config/index.ts';
import { appError } from '../../foundation/core/index.ts';
import { assertEntryValid, type EntryName } from '../../workflows/configuration/index.ts';
import type { CommandInput } from './command.ts';
import type { ConfigSearch } from './command-context.ts';
import type { ProgramIo } from './program-io.ts';

/**
 * @returns the exit code
 * @throws MULTIRUN_UNAVAILABLE, OVERRIDE_SYNTAX, CONFIG_INVALID and what composing throws
 */
export function showConfiguration(
  entry: EntryName,
  overrides: readonly string[],
  options: CommandInput['options'],
  search: ConfigSearch,
  io: ProgramIo,
): number {
  if (options.multirun === true) {
    for (const override of overrides) parseOverride(override);
    throw appError('MULTIRUN_UNAVAILABLE', { where: '--multirun' });
  }
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
