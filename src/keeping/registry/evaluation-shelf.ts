// Evaluations made after a version was registered: the version itself is immutable, so they lie beside it, in
// models/<name>/evaluations/<version>/<content id>.json. A later one on the same test set stands for an earlier one.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { contentId, errorCodeOf } from '../../foundation/core/index.ts';
import {
  type EvaluationReport,
  evaluationReportRecord,
  loadRecord,
  saveRecord,
} from '../../foundation/records/index.ts';

/** @throws DISK_FULL */
export function shelveEvaluation(modelFolder: string, version: number, report: EvaluationReport): void {
  saveRecord(
    evaluationReportRecord,
    join(shelfOf(modelFolder, version), `${contentId('eval', report)}.json`),
    report,
  );
}

/**
 * The registered evaluations with later ones in their place or after them.
 * @throws RECORD_INVALID
 */
export function mergeEvaluations(
  modelFolder: string,
  version: number,
  registered: readonly EvaluationReport[],
): EvaluationReport[] {
  const byTestSet = new Map(registered.map((report) => [report.testSet, report]));
  for (const report of loadShelf(shelfOf(modelFolder, version))) byTestSet.set(report.testSet, report);
  return [...byTestSet.values()];
}

function loadShelf(shelf: string): EvaluationReport[] {
  let names: string[];
  try {
    names = readdirSync(shelf).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
  return names
    .map((name) => loadRecord(evaluationReportRecord, join(shelf, name)))
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

function shelfOf(modelFolder: string, version: number): string {
  return join(modelFolder, 'evaluations', String(version));
}
