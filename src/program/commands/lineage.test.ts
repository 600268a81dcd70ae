import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  addModel,
  addPredictions,
  addRun,
  createLineageHome,
  inventRows,
  type LineageHome,
  prepareRows,
  writeRows,
} from '../../../test/fixtures/lineage-home.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { predictionReceiptRecord } from '../../foundation/records/prediction-receipt.ts';
import { sweepRecord } from '../../foundation/records/sweep.ts';
import { formatEvaluationHtml } from '../../judging/evaluate/html/page.ts';
import type { Lineage } from '../../workflows/lineage/origin-graph.ts';
import { feedbackExportCommand } from './feedback-export.ts';
import { lineageCommand } from './lineage.ts';

const DIFF = { diff: '', isCut: false, sha256: 'd'.repeat(64), sizeBytes: 90, leftOut: [], unlisted: 0 };

let place: LineageHome;
let dataset: string;
beforeEach(async () => {
  place = createLineageHome(mkdtempSync(join(tmpdir(), 'veracity-lineage-')));
  writeRows(place.folder, 'articles.jsonl', inventRows(40));
  dataset = await prepareRows(place, 'articles.jsonl');
});
afterEach(() => rmSync(place.folder, { recursive: true }));

async function trace(id: string): Promise<{ text: string; lineage: Lineage }> {
  const { text, json } = await lineageCommand.run({ args: [id], options: {} }, place.context);
  return { text, lineage: json as Lineage };
}

/** A model whose run has a commit with uncommitted changes. */
async function addDirtyModel(): Promise<{ runId: string; reference: string }> {
  const runId = await addRun(place, dataset, {
    commit: 'c'.repeat(40),
    code: { programSha256: null, programCommit: null, changes: { ...DIFF, untracked: ['notes.txt'] } },
  });
  return { runId, reference: await addModel(place, 'desk', { runId, datasetVersion: dataset }) };
}

test('leads from a prediction to the raw file, with its path and hashes, and to the commit with its changes', async () => {
  const { runId, reference } = await addDirtyModel();
  const names = { modelVersion: reference, runId, datasetVersion: dataset };
  const [prediction = ''] = await addPredictions(place, names, [{}]);
  const { text, lineage } = await trace(prediction);
  expect(text.replace(/[0-9a-f]{64}/g, 'SHA256').replace(/md5( +)[0-9a-f]{32}/, 'md5$1MD5')).toBe(
    [
      `prediction ${prediction}  REAL 91.0%  ${lineage.nodes[0]?.createdAt?.slice(0, 16).replace('T', ' ')}`,
      `└─ model version desk@1  sha256 ${String(lineage.nodes.find(({ id }) => id === reference)?.facts.digest).slice(0, 12)}`,
      `   └─ run ${runId}  compact, interrupted`,
      '      ├─ commit cccccccccccc  with uncommitted changes, sha256 dddddddddddd, 1 untracked',
      `      └─ dataset version ${dataset}  articles.jsonl  40 rows (24 train, 8 validation, 8 test)`,
      '         └─ raw file articles.jsonl  19.2 kB  unchanged on this disk',
      '                 path    articles.jsonl',
      '                 md5     MD5',
      '                 sha256  SHA256',
    ].join('\n'),
  );
});

test('names the teacher, the sweep, the original of a compressed version, and the feedback behind a raw file', async () => {
  const teacherRun = await addRun(place, dataset);
  const teacher = await addModel(place, 'teacher', { runId: teacherRun, datasetVersion: dataset });
  const names = { modelVersion: teacher, runId: teacherRun, datasetVersion: dataset };
  const receipt = predictionReceiptRecord.example;
  await place.context.stores.feedback.add({ ...receipt, ...names }, { label: 'FAKE' });
  await feedbackExportCommand.run({ args: [], options: { out: 'corrected.jsonl' } }, place.context);
  expect((await trace('corrected.jsonl')).text).toContain(`model version ${teacher}`);

  const sweep = await place.context.stores.sweeps.create(sweepRecord.example.definition);
  const student = await addRun(place, dataset, { parents: [teacher, sweep.id] });
  const large = await addModel(place, 'student', { runId: student, datasetVersion: dataset });
  const small = await addModel(place, 'small', {
    ...{ runId: student, datasetVersion: dataset, precision: 'int8' },
    parents: [large, student, dataset],
  });
  const { text } = await trace(small);
  const order = [small, large, student, teacher, teacherRun, sweep.id];
  expect(order.map((id) => text.indexOf(` ${id}`)).every((at, i, all) => at > (all[i - 1] ?? -1))).toBe(true);
  expect(text).toContain(`model version ${small}  compressed to int8`);
  expect((await trace(teacher)).text).toContain(
    'made of it: 1 raw file, 1 run, 2 model versions, 1 feedback export',
  );
});

test('traces saved reports: an evaluation, the output of evaluate --json, and its page', async () => {
  const { reference } = await addDirtyModel();
  const report = { ...evaluationReportRecord.example, parents: [reference, dataset] };
  const write = (file: string, content: string): void => writeFileSync(join(place.folder, file), content);
  write('report.json', JSON.stringify(report));
  write('printed.json', JSON.stringify({ n: 2, model: reference, reports: [report] }));
  write('page.html', formatEvaluationHtml({ model: reference, reports: [report] }));
  for (const file of ['report.json', 'printed.json', 'page.html']) {
    const { lineage } = await trace(file);
    expect(lineage.edges).toContainEqual({ from: reference, to: file });
    expect(lineage.nodes.some(({ kind }) => kind === 'file')).toBe(true);
  }
});

test('finds a raw file by path, md5 and sha256, and says when it has changed or is gone', async () => {
  const { lineage } = await trace('articles.jsonl');
  const { md5, sha256 } = lineage.nodes.find(({ kind }) => kind === 'file')!.facts;
  for (const id of [`md5:${md5}`, String(md5), String(sha256), `sha256:${sha256}`])
    expect((await trace(id)).lineage.id).toBe(lineage.id);
  writeRows(place.folder, 'articles.jsonl', inventRows(39));
  expect((await trace(dataset)).text).toContain('CHANGED since');
  await expect(trace('articles.jsonl')).rejects.toMatchObject({
    code: 'LINEAGE_FILE_UNKNOWN',
    hint: `It was read with other content: veracity lineage md5:${md5}`,
  });
  rmSync(join(place.folder, 'articles.jsonl'));
  expect((await trace('articles.jsonl')).text).toContain('not at that path now');
});

test('names the pointer of a raw file, and its object in the remote of the repository', async () => {
  const { lineage } = await trace('articles.jsonl');
  const md5 = String(lineage.nodes.find(({ kind }) => kind === 'file')!.facts.md5);
  mkdirSync(join(place.folder, '.dvc'));
  const config = '[core]\n    remote = team\n[\'remote "team"\']\n    url = s3://newsroom/data\n';
  writeFileSync(join(place.folder, '.dvc', 'config'), config);
  const pointer = `outs:\n- md5: ${md5}\n  hash: md5\n  path: articles.jsonl\n`;
  writeFileSync(join(place.folder, 'articles.jsonl.dvc'), pointer);
  const { text } = await trace(dataset);
  expect(text).toContain('pointer  articles.jsonl.dvc');
  expect(text).toContain(`object   s3://newsroom/data/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`);
});

test('goes on behind what was deleted, and names an id that nothing has', async () => {
  const { runId, reference } = await addDirtyModel();
  const names = { modelVersion: reference, runId, datasetVersion: dataset };
  const [prediction = ''] = await addPredictions(place, names, [{}]);
  await place.context.stores.registry.delete(reference, { force: false });
  await place.context.stores.runs.delete(runId);
  const { text } = await trace(prediction);
  expect(text).toContain(`model version ${reference}  not in this home any more`);
  expect(text).toContain(`run ${runId}  not in this home any more`);
  expect(text).toContain('raw file articles.jsonl');
  await expect(trace('nothing')).rejects.toMatchObject({ code: 'LINEAGE_UNKNOWN' });
});
