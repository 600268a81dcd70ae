// Asks an MLflow server whether it takes runs from this machine.
import { createMlflowClient, type MlflowSettings } from './mlflow-client.ts';

/** @throws TRACKER_UNREACHABLE, TRACKER_REFUSED, TRACKER_HOST_REFUSED */
export async function checkMlflowServer(settings: MlflowSettings): Promise<void> {
  // A missing experiment is an answer, too.
  await createMlflowClient(settings).getUnless('RESOURCE_DOES_NOT_EXIST', 'experiments/get-by-name', {
    experiment_name: 'Default',
  });
}
