// The checkpoints of a run: folders named step-000120 that hold state.safetensors and checkpoint.json. A folder is written
// atomically (renamed into place), and older ones are removed only afterwards. The last checkpoint is not recorded anywhere:
// it is the newest folder whose state has the hash in its record.
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  appError,
  createFolderAtomic,
  errorCodeOf,
  hashFile,
  isAppError,
  listFolder,
  type Warn,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import { type Checkpoint, checkpointRecord, loadRecord, saveRecord } from '../../foundation/records/index.ts';
import { formatSafetensors, loadSafetensors } from '../models/index.ts';
import type { LearnerState } from './learner.ts';

export interface LoadedCheckpoint {
  readonly path: string;
  readonly sizeBytes: number;
  readonly record: Checkpoint;
  readonly state: LearnerState;
}

export interface TrainingCheckpoints {
  /**
   * Writes a checkpoint. If the step already has one, its state is the same (training is deterministic) and
   * only the record is replaced.
   * @throws DISK_FULL; what stood before is intact
   */
  save(state: LearnerState, record: Omit<Checkpoint, 'state'>): Promise<{ path: string; sizeBytes: number }>;
  /**
   * The newest readable checkpoint; `warn` is called for broken newer ones, which are removed. Null if there is none at all.
   * @throws CHECKPOINT_CORRUPT when there are some and none can be read
   */
  loadNewest(warn: Warn): Promise<LoadedCheckpoint | null>;
  /** @throws CHECKPOINT_CORRUPT */
  load(step: number): Promise<LoadedCheckpoint>;
  /** The file of a checkpoint's state, with the digest in its record. @throws RECORD_INVALID */
  describe(step: number): { readonly path: string; readonly sha256: string };
  /** Steps that have a checkpoint, oldest first. */
  steps(): number[];
  /** Removes all but `keep`. */
  prune(keep: ReadonlySet<number>): void;
}

const NAME = /^step-(\d{6,})$/;
const LEFTOVER = /^step-\d{6,}\.tmp-/; // what a killed process was still writing
const STATE = 'state.safetensors';
const RECORD = 'checkpoint.json';

/** Opens the folder that holds a run's checkpoints; writes nothing before the first is saved. */
export function openCheckpoints(folder: string): TrainingCheckpoints {
  const pathOf = (step: number): string => join(folder, `step-${String(step).padStart(6, '0')}`);
  const steps = (): number[] =>
    listFolder(folder)
      .map((name) => NAME.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((a, b) => a - b);

  const load = async (step: number): Promise<LoadedCheckpoint> => {
    const path = pathOf(step);
    try {
      const record = loadRecord(checkpointRecord, join(path, RECORD));
      const sha256 = await hashFile(join(path, STATE));
      if (sha256 !== record.state.sha256) {
        const digests = { expected: shorten(record.state.sha256), got: shorten(sha256) };
        throw appError('FILE_CORRUPT', { path: STATE, ...digests, remedy: 'veracity train' });
      }
      const { tensors } = loadSafetensors(join(path, STATE));
      return { path, sizeBytes: record.state.sizeBytes, record, state: tensors };
    } catch (error) {
      if (!isAppError(error) && errorCodeOf(error) === undefined) throw error;
      const problem = error instanceof Error ? error.message : String(error);
      throw appError('CHECKPOINT_CORRUPT', { path, problem }, { cause: error });
    }
  };

  return {
    async save(state, record) {
      const path = pathOf(record.step);
      const parts = formatSafetensors(state);
      const hash = createHash('sha256');
      let sizeBytes = 0;
      for (const part of parts) {
        hash.update(part);
        sizeBytes += part.byteLength;
      }
      const whole: Checkpoint = { ...record, state: { sha256: hash.digest('hex'), sizeBytes } };
      if (existsSync(path)) {
        saveRecord(checkpointRecord, join(path, RECORD), whole);
      } else {
        await createFolderAtomic(path, async (temporary) => {
          writeFileAtomic(join(temporary, STATE), parts);
          saveRecord(checkpointRecord, join(temporary, RECORD), whole);
        });
      }
      return { path, sizeBytes };
    },
    async loadNewest(warn) {
      for (const name of listFolder(folder)) {
        if (LEFTOVER.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
      }
      const broken: unknown[] = [];
      for (const step of steps().reverse()) {
        try {
          const loaded = await load(step);
          for (const newer of steps().filter((other) => other > step)) {
            rmSync(pathOf(newer), { recursive: true, force: true });
          }
          return loaded;
        } catch (error) {
          if (!isAppError(error)) throw error;
          broken.push(error);
          const fact = { code: 'CHECKPOINT_SKIPPED', step };
          warn(`skipped a checkpoint that cannot be read: ${error.message}`, fact);
        }
      }
      if (broken.length > 0) throw broken[0];
      return null;
    },
    load,
    describe: (step) => describeState(pathOf(step)),
    steps,
    prune(keep) {
      for (const step of steps()) {
        if (!keep.has(step)) rmSync(pathOf(step), { recursive: true, force: true });
      }
    },
  };
}

function describeState(folder: string): { path: string; sha256: string } {
  const { state } = loadRecord(checkpointRecord, join(folder, RECORD));
  return { path: join(folder, STATE), sha256: state.sha256 };
}

function shorten(digest: string): string {
  return `sha256 ${digest.slice(0, 12)}…`;
}
