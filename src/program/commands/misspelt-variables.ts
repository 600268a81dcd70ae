// Names environment variables that look like one of Veracity's but are not read, such as VERACITY_HOMEE.
import type { Warn } from '../../foundation/core/index.ts';
import type { ProgramIo } from './program-io.ts';

/** Variables that the program and the package's configuration read. */
const VARIABLES: readonly string[] = ['HOME', 'MODELS', 'HOST', 'PORT', 'THREADS', 'DEVICE'];

/** Warns of variables whose name is close to a known one. Any other may belong to the user's own configuration files. */
export async function warnOfMisspeltVariables(
  environment: ProgramIo['environment'],
  warn: Warn,
): Promise<void> {
  const unknown = Object.keys(environment).filter((name) => {
    const [, prefix, word = ''] = /^(VERACITY_)(.+)$/i.exec(name) ?? [];
    return prefix !== undefined && !(prefix === 'VERACITY_' && VARIABLES.includes(word));
  });
  if (unknown.length === 0) return;
  const { findClosest } = await import('../../foundation/config/index.ts');
  for (const name of unknown) {
    const closest = findClosest(name.slice('VERACITY_'.length), VARIABLES);
    if (closest !== undefined)
      warn(`the variable ${name} is not read. Did you mean VERACITY_${closest}?`, {
        code: 'VARIABLE_UNKNOWN',
        variable: name,
        closest: `VERACITY_${closest}`,
      });
  }
}
