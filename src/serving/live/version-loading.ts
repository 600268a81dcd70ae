// Loads a version for a running server: finds it and verifies its digests, loads and warms it up in threads of its own,
// then compares its predictions with its reference predictions. Nothing else sees the version before all of that passed.
import { appError, formatNames } from '../../foundation/core/index.ts';
import { type EvaluationReport, type KeptExample, loadKeptExamples } from '../../foundation/records/index.ts';
import {
  checkReferencePredictions,
  createModelPool,
  type ModelPool,
  type ModelPoolOptions,
} from '../../judging/predict/index.ts';

/** Where the files of a version are. */
export interface LocatedVersion {
  readonly folder: string;
  /** name@version; absent: its predictions name its run id. */
  readonly modelVersion?: string;
  /** In-source first. */
  readonly evaluations: readonly EvaluationReport[];
}

export interface LoadedVersion {
  /** The reference it was loaded by: NAME@VERSION. */
  readonly reference: string;
  readonly pool: LivePool;
  readonly evaluations: readonly EvaluationReport[];
  /** Validation articles that the version keeps; absent: none. */
  readonly examples?: readonly KeptExample[];
}

export type LivePool = Omit<ModelPool, 'threadsPerWorker' | 'restarts'>;

export interface VersionLoading {
  /** Finds a version and verifies the digests of its files. */
  readonly locate: (reference: string) => Promise<LocatedVersion>;
  readonly pool: Pick<ModelPoolOptions, 'threads' | 'workers' | 'device' | 'onRestart' | 'onHang' | 'hangMs'>;
  /** Classes of the first version, which clients of this server know. */
  readonly classNames: readonly string[];
}

/** Threads of a version: as many as the live version has, or a single one beside it. */
export type PoolPower = 'full' | 'one thread';

/**
 * Loads and checks a version.
 * @throws MODEL_CHECK_FAILED; MODEL_DIGEST_MISMATCH and what else finding and loading it throws
 */
export async function loadVersion(
  reference: string,
  power: PoolPower,
  { locate, pool: options, classNames }: VersionLoading,
): Promise<LoadedVersion> {
  const { folder, modelVersion, evaluations } = await locate(reference);
  const pool = await createModelPool(folder, {
    ...options,
    startsInTurn: true,
    ...(power === 'full' ? {} : { threads: 1, workers: 1 }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
  });
  try {
    if (pool.info.classNames.join('\n') !== classNames.join('\n')) {
      throw appError('MODEL_CHECK_FAILED', {
        model: reference,
        expected: `the classes ${formatNames(classNames)}, which clients of this server know`,
        got: formatNames(pool.info.classNames),
      });
    }
    await checkReferencePredictions(folder, pool);
    return { reference, pool, evaluations, examples: loadKeptExamples(folder) };
  } catch (error) {
    await pool.dispose();
    throw error;
  }
}
