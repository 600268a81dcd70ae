// The process around the program: arguments, exit code, signals, closed pipes. Everything else is in commands/program.ts,
// where it can be tested without a process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import {
  type AppError,
  appError,
  createScreen,
  packageRoot,
  standardError,
} from '../../foundation/core/index.ts';
import { asAppError, commandTable, formatError, formatErrorDocument, runProgram } from '../commands/index.ts';
import { endProcess, STOP_SIGNALS, terminal } from './process-end.ts';

/** Runs the command line of this process, then ends the process. */
export async function runProcess(table = commandTable): Promise<never> {
  const screen = createScreen({
    write: standardError.write,
    isTTY: isatty(2),
    get columns() {
      return process.stderr.columns;
    },
  });
  const stop = new AbortController();
  const isJson = process.argv.includes('--json');
  const hasTerminal = [0, 1, 2].some((file) => isatty(file));
  let resume: string | null = null;
  let isAnswered = false;
  const answer = (text: string): void => {
    isAnswered = true;
    process.stdout.write(text);
  };
  /** Ends the process before the command has ended. With --json, standard output gets a document if it has none yet. */
  const abandon = (error: AppError, line: string): never => {
    screen.print(line);
    if (isJson && !isAnswered && process.stdout.bytesWritten === 0)
      answer(formatErrorDocument(error, { resume }));
    return endProcess(error.exitCode, screen.print);
  };

  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      terminal.isGone ||= signal === 'SIGHUP' && hasTerminal;
      if (stop.signal.aborted) {
        const hint = resume === null ? 'run the same command again' : `resume with: ${resume}`;
        abandon(appError('STOPPED', { by: signal }), `stopped at once; ${hint}\n`);
      }
      screen.print('stopping; press Ctrl-C again to stop at once\n');
      stop.abort(appError('STOPPED', { by: signal }));
    });
  }

  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (stop.signal.aborted) return; // the work is being saved, and its reader may be gone already
    // In `veracity … | head` the reader closes the pipe: nothing more can be written.
    if (error.code === 'EPIPE') endProcess(0, screen.print);
    const known = asAppError(Object.assign(error, { path: 'standard output' }));
    isAnswered = true;
    abandon(known, formatError(known, process.argv.includes('--verbose')));
  });

  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      const known = asAppError(error);
      abandon(known, formatError(known, process.argv.includes('--verbose')));
    });
  }

  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };

  const io = {
    stdout: answer,
    stderr: screen.print,
    warn: screen.warn,
    progress: screen.progress,
    tellResume: (command: string) => {
      resume = command;
    },
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: stop.signal,
    version,
  };
  const exitCode = await runProgram(process.argv.slice(2), io, table);
  // A pipe is written asynchronously: exit only when everything has been flushed.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  return endProcess(exitCode, screen.print);
}
