// Runs a program to its end without blocking, for builds take minutes and the test runner wants to hear of its worker.
import { spawn } from 'node:child_process';
import { repositoryRoot } from '../architecture/source-imports.ts';

export interface CommandOutput {
  readonly status: number | null;
  readonly stdout: string;
  /** Both streams, as they came. */
  readonly output: string;
}

/** In the repository's root. A program that cannot be started has status null. */
export function runCommand(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<CommandOutput> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: repositoryRoot,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => (output += chunk));
    child.on('error', (error) => resolve({ status: null, stdout, output: output + error.message }));
    child.on('close', (status) => resolve({ status, stdout, output }));
  });
}
