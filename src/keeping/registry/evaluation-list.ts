// Evaluations made after a version was registered. The version itself is immutable, so they lie beside it, in
// models/<name>/evaluations/<version>/<content id>.json. A later one replaces an earlier one on the same test set.
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
export function addToEvaluationList(modelFolder: string, version: number, report: EvaluationReport): void {
  saveRecord(
    evaluationReportRecord,
    join(locateEvaluations(modelFolder, version), `${contentId('eval', report)}.json`),
    report,
  );
}

/**
 * The registered evaluations: replaced by later ones on the same test set, then further later ones.
 * @throws RECORD_INVALID
 */
export function mergeEvaluations(
  modelFolder: string,
  version: number,
  registered: readonly EvaluationReport[],
): EvaluationReport[] {
  const byTestSet = new Map(registered.map((report) => [report.testSet, report]));
  for (const report of loadList(locateEvaluations(modelFolder, version)))
    byTestSet.set(report.testSet, report);
  return [...byTestSet.values()];
}

function loadList(folder: string): EvaluationReport[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
  return names
    .map((name) => loadRecord(evaluationReportRecord, join(folder, name)))
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** The folder of a version's later evaluations. */
export function locateEvaluations(modelFolder: string, version: number): string {
  return join(modelFolder, 'evaluations', String(version));
}
