// Writes the best checkpoint as a model folder: the learner writes weights and inference graph, the encoder its tokenizer;
// veracity.json holds what a prediction needs besides. The folder is written atomically.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createFolderAtomic, invariant } from '../../foundation/core/index.ts';
import { computeMetrics, fitCalibration } from '../../foundation/metrics/index.ts';
import type { Metrics } from '../../foundation/records/index.ts';
import {
  type ModelFolder,
  modelFolderRecord,
  type OutOfDistributionLimits,
  saveRecord,
} from '../../foundation/records/index.ts';
import type { ArticleEncoder, TokenizedSplit } from '../../text/tokenize/index.ts';
import { collateBatch } from '../../text/tokenize/index.ts';
import { findFamily } from '../models/index.ts';
import type { Learner } from './learner.ts';
import type { TrainingCheckpoints } from './training-checkpoints.ts';
import { computeSplitLogits, lengthsOf } from './validation.ts';

const PROBE_ARTICLES = 32; // the export must agree on these, in batches of unlike lengths
const PROBE_BATCH = 8;
const USUAL_SHARE = 0.99;

/** Facts about the model that the caller knows and the learner does not. */
export type ModelDescription = Pick<
  ModelFolder,
  | 'createdAt'
  | 'parents'
  | 'model'
  | 'runId'
  | 'datasetVersion'
  | 'acceptedLeaks'
  | 'configurationDigest'
  | 'pretrained'
  | 'datasetName'
  | 'synthetic'
  | 'columns'
  | 'reading'
  | 'classNames'
  | 'noun'
  | 'language'
  | 'cleaning'
>;

export interface ExportOptions {
  /** The model folder to write; one that a killed run left is replaced. */
  readonly folder: string;
  readonly description: ModelDescription;
  readonly learner: Learner;
  readonly encoder: ArticleEncoder;
  readonly train: TokenizedSplit;
  readonly validation: TokenizedSplit;
  readonly checkpoints: TrainingCheckpoints;
  /** The learner's state of this step is exported. */
  readonly bestStep: number;
  readonly batchSize: number;
  readonly maxTokens: number;
  /** Wanted precision where the model does not abstain; null: it never abstains. */
  readonly abstainPrecision: number | null;
  /** Adds files of the caller to the folder. */
  readonly addFiles?: (folder: string) => void;
  /** Measures the limits for out-of-distribution articles, in the folder that holds the model by then. */
  readonly measureOutOfDistributionLimits?: (folder: string) => Promise<OutOfDistributionLimits>;
  readonly signal?: AbortSignal;
  /** Called with the number of validation articles done for the calibration. */
  readonly onProgress?: (articles: number) => void;
}

/**
 * Writes the model folder of a run's best step.
 * @returns its record, and the calibrated metrics on validation
 * @throws EXPORT_MISMATCH, CHECKPOINT_CORRUPT, DISK_FULL; the signal's reason when it is aborted
 */
export async function exportTrainedModel(
  options: ExportOptions,
): Promise<{ info: ModelFolder; validation: Metrics }> {
  const { description, learner, encoder, validation, batchSize, maxTokens } = options;
  const classes = description.classNames.length;
  await learner.loadState((await options.checkpoints.load(options.bestStep)).state);
  const logits = await computeSplitLogits(learner, validation, {
    padId: encoder.padId,
    classes,
    batchSize,
    maxTokens,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  options.signal?.throwIfAborted();
  invariant(logits !== null, 'only a stop ends it early');
  const { abstainPrecision } = options;
  const calibration = fitCalibration(logits, validation.labels, classes, { abstainPrecision });

  rmSync(options.folder, { recursive: true, force: true });
  let info: ModelFolder | undefined;
  await createFolderAtomic(options.folder, async (temporary) => {
    const exportCheck = await learner.exportModel(temporary, collateProbe(validation, encoder.padId));
    encoder.save(temporary);
    options.addFiles?.(temporary);
    const outOfDistribution = await options.measureOutOfDistributionLimits?.(temporary);
    info = {
      schemaVersion: 2,
      ...description,
      family: learner.family,
      traits: findFamily(learner.family, options.folder).traits,
      parameterCount: learner.parameterCount,
      maxTokens: encoder.maxTokens,
      truncation: encoder.truncation,
      calibration,
      usualTokens: measureUsualTokens(options.train),
      ...(outOfDistribution === undefined ? {} : { outOfDistribution }),
      exportCheck: { articles: exportCheck.articles, maxLogitDifference: exportCheck.maxLogitDifference },
    };
    saveRecord(modelFolderRecord, join(temporary, 'veracity.json'), info);
  });
  invariant(info !== undefined, 'the folder was filled');
  return { info, validation: computeMetrics(logits, validation.labels, classes, calibration.temperature) };
}

function collateProbe(split: TokenizedSplit, padId: number) {
  const rows = Array.from({ length: Math.min(PROBE_ARTICLES, split.labels.length) }, (_, row) => row);
  return Array.from({ length: Math.ceil(rows.length / PROBE_BATCH) }, (_, i) =>
    collateBatch(split, rows.slice(i * PROBE_BATCH, (i + 1) * PROBE_BATCH), padId),
  );
}

/** Token counts between which the middle 99% of the articles lie. */
function measureUsualTokens(split: TokenizedSplit): ModelFolder['usualTokens'] {
  const sorted = lengthsOf(split).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { low: at((1 - USUAL_SHARE) / 2), high: at((1 + USUAL_SHARE) / 2) };
}
