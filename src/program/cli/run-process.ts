// The process around the program: arguments, exit code, signals, closed pipes. Everything else is in commands/program.ts,
// where it can be tested without a process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appError, createScreen, EXIT_STOPPED, packageRoot } from '../../foundation/core/index.ts';
import { asAppError, commandTable, formatError, runProgram } from '../commands/index.ts';

/** Runs the command line of this process, then ends the process. */
export async function runProcess(table = commandTable): Promise<never> {
  const screen = createScreen(process.stderr);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(EXIT_STOPPED);
      screen.print('stopping; once more to stop at once\n');
      stop.abort(appError('STOPPED', { by: signal }));
    });
  }

  // In `veracity … | head` the reader closes the pipe: nothing more can be written.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }

  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      const known = asAppError(error);
      screen.print(formatError(known, process.argv.includes('--verbose')));
      process.exit(known.exitCode);
    });
  }

  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };

  const io = {
    stdout: (text: string) => process.stdout.write(text),
    stderr: screen.print,
    progress: screen.progress,
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: stop.signal,
    version,
  };
  const exitCode = await runProgram(process.argv.slice(2), io, table);
  // A pipe is written asynchronously: exit only when everything has been flushed.
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  process.exit(exitCode);
}
