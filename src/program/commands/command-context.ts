// Creates the workflow context of a command from the process, or from what a test puts in its place.
import { createLogger, resolveUserPath, silentProgress, systemClock } from '../../foundation/core/index.ts';
import { locateHome } from '../../foundation/records/index.ts';
import { createStores, type WorkflowContext } from '../../workflows/context/index.ts';
import type { ProgramIo } from './program-io.ts';

/** Folders of configuration files that the command line chose. */
export type ConfigSearch = Required<Pick<WorkflowContext, 'configDirs' | 'searchesConfigs'>>;

export function createContext(io: ProgramIo, verbose: boolean, search: ConfigSearch): WorkflowContext {
  const { VERACITY_HOME, VERACITY_MODELS = '' } = io.environment;
  const home = locateHome(
    resolveUserPath(
      io.workingDirectory,
      VERACITY_HOME === undefined || VERACITY_HOME === '' ? '.veracity' : VERACITY_HOME,
    ),
    VERACITY_MODELS === '' ? '' : resolveUserPath(io.workingDirectory, VERACITY_MODELS),
  );
  return {
    home,
    stores: createStores(home, systemClock),
    workingDirectory: io.workingDirectory,
    ...search,
    logger: createLogger(verbose ? 'debug' : 'warn', { write: io.stderr }),
    clock: systemClock,
    progress: io.progress ?? silentProgress,
    say: (line) => io.stderr(`${line}\n`),
    ...(io.tellResume === undefined ? {} : { tellResume: io.tellResume }),
    warn: io.warn ?? ((text) => io.stderr(`warning: ${text}\n`)),
    signal: io.signal,
  };
}
