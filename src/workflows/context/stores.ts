// All stores of a home, behind their ports. This is the only place that names an implementation: a database or a cloud
// store is put in here, and no workflow changes.
import type { Clock } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import { type BlobStore, createFileBlobStore } from '../../keeping/blobs/index.ts';
import { type Database, openPostgres, openSqlite } from '../../keeping/database/index.ts';
import { createFileDatasetStore, type DatasetStore } from '../../keeping/datasets/index.ts';
import {
  createFileFeedbackLog,
  createFilePredictionStore,
  type FeedbackLog,
  type PredictionStore,
} from '../../keeping/journal/index.ts';
import { createFileModelRegistry, type ModelRegistry } from '../../keeping/registry/index.ts';
import { createDatabaseRunStore, type RunStore } from '../../keeping/runs/index.ts';
import {
  createSqlSweepStore,
  createTrialQueue,
  type SweepStore,
  type TrialQueue,
} from '../../keeping/sweeps/index.ts';

export interface Stores {
  /** Holds runs and sweeps. */
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly datasets: DatasetStore;
  readonly runs: RunStore;
  readonly sweeps: SweepStore;
  /** Trials for workers on any machine; null: trials run where the sweep runs. */
  readonly trialQueue: TrialQueue | null;
  readonly registry: ModelRegistry;
  readonly predictions: PredictionStore;
  readonly feedback: FeedbackLog;
}

/**
 * Opens the stores of a home: runs in its database, or in the PostgreSQL that VERACITY_DB names; all else on files. Reads and
 * creates nothing yet.
 * @throws DATABASE_ADDRESS_INVALID
 */
export function createStores(home: Home, clock: Clock): Stores {
  const address = process.env.VERACITY_DB ?? '';
  const database = address === '' ? openSqlite(home.database) : openPostgres(address);
  const blobs = createFileBlobStore(home.blobs);
  return {
    blobs,
    datasets: createFileDatasetStore(home, blobs),
    database,
    runs: createDatabaseRunStore(database, home, clock),
    sweeps: createSqlSweepStore(database, clock),
    trialQueue: address === '' ? null : createTrialQueue(address),
    registry: createFileModelRegistry(home, clock),
    predictions: createFilePredictionStore(home.predictions, clock),
    feedback: createFileFeedbackLog(home.feedback, clock),
  };
}
