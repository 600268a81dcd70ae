// Lists the files that a training has made, by digest: the exported model, the checkpoints that are kept, the reports, and
// the manifest of its data.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { hashFile } from '../../foundation/core/index.ts';
import {
  type Artifact,
  type EvaluationReport,
  evaluationReportRecord,
  saveRecord,
} from '../../foundation/records/index.ts';
import { openCheckpoints } from '../../learning/train/index.ts';
import type { TrainingJob } from './training-job.ts';

type ArtifactSource = Pick<TrainingJob, 'files' | 'inputs' | 'run' | 'context'>;

const REPORT = /(?:^|[/\\])evaluation(?:-\d+)?\.json$/;

/** Writes the reports beside the model, for other programs; Veracity itself reads those of the store. */
export function writeReports(folder: string, reports: readonly EvaluationReport[]): void {
  for (const path of listFiles(folder, false)) if (REPORT.test(path)) rmSync(path);
  for (const [i, report] of reports.entries())
    saveRecord(
      evaluationReportRecord,
      join(folder, i === 0 ? 'evaluation.json' : `evaluation-${i + 1}.json`),
      report,
    );
}

/** Adds all artifacts to the run; those that were listed before are replaced. */
export async function keepArtifacts(job: ArtifactSource & Pick<TrainingJob, 'writer'>): Promise<void> {
  for (const artifact of await listTrainedFiles(job)) await job.writer.addArtifact(artifact);
}

async function listTrainedFiles({ files, inputs, context }: ArtifactSource): Promise<Artifact[]> {
  const describe = async (kind: Artifact['kind'], path: string, digest?: string): Promise<Artifact> => ({
    name: relative(files.folder, path).split(sep).join('/'),
    kind,
    digest: `sha256:${digest ?? (await hashFile(path))}`,
    sizeBytes: statSync(path).size,
    path: relative(files.folder, path).split(sep).join('/'),
  });
  const artifacts: Artifact[] = [];
  for (const path of listFiles(files.model)) artifacts.push(await describe('model', path));
  const checkpoints = openCheckpoints(files.checkpoints);
  for (const step of checkpoints.steps()) {
    const { path, sha256 } = checkpoints.describe(step);
    artifacts.push(await describe('checkpoint', path, sha256));
  }
  for (const path of listFiles(files.folder, false))
    if (REPORT.test(path)) artifacts.push(await describe('report', path));
  // A dataset in another store than files has an address, and no file to hash.
  const manifest = context.stores.datasets.location(inputs.manifest.id);
  if (existsSync(manifest))
    artifacts.push({ ...(await describe('dataset', manifest)), name: inputs.manifest.id, path: manifest });
  return artifacts;
}

/** Absolute paths of the files below a folder, sorted; none if there is no folder. */
function listFiles(folder: string, recursive = true): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
