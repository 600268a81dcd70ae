import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeFeedbackLog } from '../../../test/conformance/feedback-log.ts';
import { builtModule } from '../../../test/conformance/place.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { predictionReceiptRecord } from '../../foundation/records/prediction-receipt.ts';
import { createFileFeedbackLog } from './file-feedback-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-feedback-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const prediction = predictionReceiptRecord.example;

describeFeedbackLog('a feedback log on files', () => {
  const root = mkdtempSync(join(tmpdir(), 'veracity-feedback-'));
  const path = join(root, 'feedback.jsonl');
  return {
    open: () => createFileFeedbackLog(path, systemClock),
    script: (body) => `
      import { createFileFeedbackLog } from '${builtModule('keeping/journal/index.js')}';
      import { systemClock } from '${builtModule('foundation/core/index.js')}';
      const store = createFileFeedbackLog(${JSON.stringify(path)}, systemClock);
      ${body}`,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
});

test.runIf(process.platform === 'linux')(
  'goes on in the same process after a full disk tore a line',
  async () => {
    const path = join(folder, 'feedback.jsonl');
    const source = `
    import { createFileFeedbackLog } from '${builtModule('keeping/journal/index.js')}';
    import { systemClock } from '${builtModule('foundation/core/index.js')}';
    const log = createFileFeedbackLog(${JSON.stringify(path)}, systemClock);
    const prediction = ${JSON.stringify(prediction)};
    await log.add(prediction, { comment: 'first' });
    let said;
    while (said === undefined)
      said = await log.add(prediction, { comment: 'x'.repeat(3900) }).then(() => undefined, ({ code }) => code);
    await log.add(prediction, { comment: 'last' });
    console.log(said);`;
    // `ulimit -f` limits the size of files, in blocks of 512 or 1024 bytes.
    const said = execFileSync(
      'sh',
      ['-c', 'ulimit -f 8; exec "$0" --input-type=module -e "$1"', process.execPath, source],
      {
        encoding: 'utf8',
      },
    );
    expect(said.trim()).toBe('DISK_FULL');
    const log = createFileFeedbackLog(path, systemClock);
    const comments = (await log.load()).map(({ comment }) => comment);
    expect(comments.filter((comment) => !comment?.startsWith('x'))).toEqual(['first', 'last']);
  },
);

test('continues after a torn line', async () => {
  const path = join(folder, 'feedback.jsonl');
  await createFileFeedbackLog(path, systemClock).add(prediction, { agrees: true });
  appendFileSync(path, '{"schemaVersion":1,"cr');
  const log = createFileFeedbackLog(path, systemClock);
  await log.add(prediction, { comment: 'later' });
  expect((await log.load()).map(({ comment }) => comment)).toEqual([undefined, 'later']);
});

test('refuses more than it could read again', async () => {
  const log = createFileFeedbackLog(join(folder, 'feedback.jsonl'), systemClock, 100);
  await log.add(prediction, { agrees: true });
  await expect(log.add(prediction, { agrees: true })).rejects.toMatchObject({ code: 'FEEDBACK_FULL' });
});
