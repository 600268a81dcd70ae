// A version on its way into a running server: found and held against its digests, loaded and warmed up in threads of its
// own, then asked its reference predictions again. Until all of that has passed nobody else knows of it.
import { appError } from '../../foundation/core/index.ts';
import type { EvaluationReport } from '../../foundation/records/index.ts';
import {
  checkReferencePredictions,
  createModelPool,
  type ModelPool,
  type ModelPoolOptions,
} from '../../judging/predict/index.ts';

/** Where a version lies, as the commands find it. */
export interface LocatedVersion {
  readonly folder: string;
  /** name@version; absent: it answers under its run id. */
  readonly modelVersion?: string;
  /** In-source first. */
  readonly evaluations: readonly EvaluationReport[];
}

export interface LoadedVersion {
  /** What it was asked for as: NAME@VERSION. */
  readonly reference: string;
  readonly pool: LivePool;
  readonly evaluations: readonly EvaluationReport[];
}

export type LivePool = Omit<ModelPool, 'threadsPerWorker' | 'restarts'>;

export interface VersionLoading {
  /** Finds a version; holds its files against their digests. */
  readonly locate: (reference: string) => Promise<LocatedVersion>;
  readonly pool: Pick<ModelPoolOptions, 'threads' | 'workers' | 'device' | 'onRestart' | 'onHang' | 'hangMs'>;
  /** Classes that clients of this server know. */
  readonly classNames: readonly string[];
}

/** The power to give it: as much as the version that answers has, or one thread, which stands beside that one. */
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
        expected: `the classes ${classNames.join(', ')}, which clients of this server know`,
        got: pool.info.classNames.join(', '),
      });
    }
    await checkReferencePredictions(folder, pool);
    return { reference, pool, evaluations };
  } catch (error) {
    await pool.dispose();
    throw error;
  }
}
