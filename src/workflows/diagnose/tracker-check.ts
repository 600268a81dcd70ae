// Checks whether the MLflow server that MLFLOW_TRACKING_URI names takes runs.
import { isAppError } from '../../foundation/core/index.ts';
import { isServerAddress } from '../../foundation/records/index.ts';
import { checkMlflowServer } from '../../keeping/exporters/index.ts';
import type { TrackerCheck } from './check.ts';

const ANSWER_WITHIN_MS = 5000;

/** Null where no server is named: another kind of address is for MLflow's own clients. */
export async function checkTracker(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<TrackerCheck | null> {
  const url = environment.MLFLOW_TRACKING_URI ?? '';
  if (!isServerAddress(url)) return null;
  try {
    await checkMlflowServer({ url, environment, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return { kind: 'tracker', status: 'ok', url, problem: null };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { message, hint } = error;
    return { kind: 'tracker', status: 'warn', url, problem: { message, hint } };
  }
}
