import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { predictionReceiptRecord, type ReceiptRecord } from '../../foundation/records/prediction-receipt.ts';
import { createFileFeedbackLog } from '../../keeping/journal/file-feedback-log.ts';
import { ArticleReader } from '../../learning/data/article-row.ts';
import { readRawRows } from '../../learning/data/raw-rows.ts';
import { feedbackExportCommand } from './feedback-export.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-feedback-export-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const home = () => locateHome(folder);
const prediction = (letter: string, kept: boolean): ReceiptRecord => ({
  ...predictionReceiptRecord.example,
  id: `0mjv6k2g0${letter.repeat(16)}`,
  ...(kept ? { article: { title: `Title ${letter}`, text: 'It "sailed",\nthey say.' } } : {}),
});

const exportFeedback = (options: Record<string, string | boolean> = {}) =>
  feedbackExportCommand.run(
    { args: [], options: { out: 'feedback.jsonl', ...options } },
    createQuietContext(home(), folder),
  );
const read = () =>
  readFileSync(join(folder, 'feedback.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test('writes one row per prediction with the last label, and no article that was not kept', async () => {
  const log = createFileFeedbackLog(home().feedback, systemClock);
  log.add(prediction('a', true), { agrees: true, reviewer: 'one' });
  log.add(prediction('b', false), { label: 'FAKE', agrees: false });
  log.add(prediction('a', true), { label: 'FAKE', agrees: false, comment: 'Invented.', reviewer: 'two' });
  log.add(prediction('c', true), { agrees: false });
  const { json } = await exportFeedback();
  expect(json).toMatchObject({ rows: 3, ready: 0, withoutArticle: 1, withoutLabel: 1, disputed: 1 });
  const [first, second, third] = read();
  expect(first).toMatchObject({
    title: 'Title a',
    label: 'FAKE',
    predicted: 'REAL',
    opinions: 2,
    disputed: true,
    comments: ['Invented.'],
    reviewers: ['one', 'two'],
  });
  expect(second).toMatchObject({ label: 'FAKE' });
  expect(second).not.toHaveProperty('text');
  expect(third).toMatchObject({ label: null });
});

test('writes rows with --ready in the columns that data prepare reads', async () => {
  const log = createFileFeedbackLog(home().feedback, systemClock);
  log.add(prediction('a', true), { label: 'FAKE', agrees: false });
  log.add(prediction('b', false), { label: 'FAKE', agrees: false });
  log.add(prediction('c', true), { agrees: false });
  const { json } = await exportFeedback({ ready: true });
  expect(json).toMatchObject({ rows: 1, ready: 1 });
  const path = join(folder, 'feedback.jsonl');
  const file = { path, name: 'feedback', format: 'jsonl' } as const;
  const reader = new ArticleReader({
    ...file,
    reading: { encoding: null, separator: null, quotes: null },
    model: {},
    request: {},
    argument: '',
    encodingArgument: '',
    listsColumns: false,
  });
  const articles: unknown[] = [];
  for await (const { rows } of readRawRows(reader.file))
    for (const row of rows) articles.push(reader.read(row).article);
  expect(articles).toEqual([{ title: 'Title a', text: 'It "sailed",\nthey say.' }]);
});

test('requires a file to write', async () => {
  await expect(exportFeedback({ out: '' })).rejects.toMatchObject({ code: 'USAGE' });
});
