// Continues a run in a process of its own, as `veracity train resume=RUN` does. The process is no part of the server: it goes
// on when the server ends, gives way to predictions, and is stopped like every other training.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { appError, packageRoot } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import type { RunStore } from '../../keeping/runs/index.ts';
import type { ServedResume } from '../../serving/studio/index.ts';
import { OUTPUT_FILE, readTail } from './run-log.ts';

/** How long the answer waits for the training to take the run over. */
const BEGIN_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 100;

export interface ResumeParts {
  readonly runs: RunStore;
  readonly home: Home;
  readonly workingDirectory: string;
}

/**
 * Starts the training and waits until it has taken the run over.
 * @throws RUN_NOT_FOUND, RUN_ACTIVE, RESUME_FINISHED, RESUME_FAILED
 */
export async function resumeTraining(id: string, parts: ResumeParts): Promise<ServedResume> {
  const { runs } = parts;
  const before = await runs.status(id);
  if (before === 'finished') throw appError('RESUME_FINISHED', { run: id });
  if (before === 'running') throw appError('RUN_ACTIVE', { run: id, holder: 'another process' });
  const path = join((await runs.files(id)).folder, OUTPUT_FILE);
  const fromByte = existsSync(path) ? statSync(path).size : 0;
  const training = startTraining(id, path, parts);
  const limitMs = Date.now() + BEGIN_LIMIT_MS;
  let status: ServedResume['status'] = before;
  while (status !== 'running' && !training.ended && Date.now() < limitMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    status = await runs.status(id);
  }
  if (training.ended && training.exitCode !== 0 && status !== 'stopped')
    throw createFailure(id, readTail(path, fromByte));
  return { runId: id, processId: training.processId, status };
}

interface StartedTraining {
  readonly processId: number;
  ended: boolean;
  exitCode: number | null;
}

function startTraining(
  id: string,
  outputPath: string,
  { home, workingDirectory }: ResumeParts,
): StartedTraining {
  const output = openSync(outputPath, 'a');
  try {
    const program = join(packageRoot, 'dist', 'cli.js');
    const child = spawn(process.execPath, [program, 'train', `resume=${id}`], {
      cwd: workingDirectory,
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, VERACITY_HOME: home.root, VERACITY_MODELS: home.models },
    });
    const training: StartedTraining = { processId: child.pid ?? 0, ended: false, exitCode: null };
    const end = (exitCode: number | null): void => {
      Object.assign(training, { ended: true, exitCode });
    };
    child.once('exit', end);
    child.once('error', () => end(null));
    child.unref();
    lowerPriority(child.pid);
    return training;
  } finally {
    closeSync(output);
  }
}

/** Predictions go first. A system that does not allow it trains at the usual priority. */
function lowerPriority(processId: number | undefined): void {
  if (processId === undefined) return;
  try {
    setPriority(processId, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // nothing depends on it
  }
}

/** The error that the training printed. */
function createFailure(id: string, output: string): Error {
  const [, code = 'unknown', message = 'it printed no error'] = /^error ([A-Z_]+): (.*)$/m.exec(output) ?? [];
  const [, hint = `See its log with: veracity runs show ${id}`] = /^ {2}hint: (.*)$/m.exec(output) ?? [];
  return appError('RESUME_FAILED', { run: id, code, message, hint });
}
