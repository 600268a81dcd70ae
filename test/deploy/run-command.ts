// Runs a program to its end without blocking, because builds take minutes and the test runner expects signs of life.
import { spawn } from 'node:child_process';
import { repositoryRoot } from '../architecture/source-imports.ts';

export interface CommandOutput {
  readonly status: number | null;
  readonly stdout: string;
  /** Both streams, interleaved as they arrived. */
  readonly output: string;
}

/** Runs a program in the root of the repository. If it cannot be started, its status is null. */
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
