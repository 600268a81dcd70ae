// Creates the exporter of a destination.
import type { ExportDestination } from '../../foundation/records/index.ts';
import type { ExportTarget } from './export-target.ts';
import { createMlflowTarget } from './mlflow.ts';
import { createTensorBoardTarget } from './tensorboard.ts';
import { createWandbTarget } from './wandb.ts';

export interface ExporterSurroundings {
  /** Credentials of trackers, under the names that their own clients read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

export function createExportTarget(
  destination: ExportDestination,
  surroundings: ExporterSurroundings,
): ExportTarget {
  if (destination.to === 'mlflow') return createMlflowTarget({ ...destination, ...surroundings });
  return destination.to === 'wandb'
    ? createWandbTarget(destination)
    : createTensorBoardTarget(destination.folder);
}

/** Where runs go, for people. */
export function formatDestination(destination: ExportDestination): string {
  if (destination.to === 'mlflow') return `MLflow (${destination.url}, experiment ${destination.experiment})`;
  return destination.to === 'wandb'
    ? `Weights & Biases (${destination.folder}, project ${destination.project})`
    : `TensorBoard (${destination.folder})`;
}
