import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { describePredictionStore } from '../../../test/conformance/prediction-store.ts';
import type { Clock } from '../../foundation/core/clock.ts';
import { predictionIdPattern, predictionReceiptRecord } from '../../foundation/records/prediction-receipt.ts';
import { createFilePredictionStore, type JournalFileOptions } from './file-prediction-store.ts';
import type { JournalOptions, NewReceipt } from './prediction-store.ts';

let folder = '';
let nowMs = 0;
const clock: Clock = { nowIso: () => new Date(nowMs).toISOString(), monotonicMs: () => nowMs };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-journal-'));
  nowMs = Date.parse('2026-01-01T00:00:00.000Z');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const { id: _, createdAt: __, schemaVersion: ___, ...example } = predictionReceiptRecord.example;
const receipt = (text = 'The ferry sailed.'): NewReceipt => ({
  ...example,
  article: { title: 'Ferry', text },
});
const open = ({
  folder: place = folder,
  segmentBytes,
  ...options
}: Partial<JournalOptions & Pick<JournalFileOptions, 'segmentBytes'>> & { folder?: string } = {}) => {
  const files = { flushMs: 1e6, ...(segmentBytes === undefined ? {} : { segmentBytes }) };
  return createFilePredictionStore(place, clock, files).openJournal({
    keepText: false,
    maxBytes: 1e8,
    maxDays: 90,
    ...options,
  });
};
const findReceipt = (place: string, id: string) => createFilePredictionStore(place, clock).find(id);

describePredictionStore('a prediction log on files', () => {
  const root = mkdtempSync(join(tmpdir(), 'veracity-predictions-'));
  return {
    open: (storeClock) => createFilePredictionStore(root, storeClock),
    script: (body) => `
      import { createFilePredictionStore } from '${builtModule('keeping/journal/index.js')}';
      import { systemClock } from '${builtModule('foundation/core/index.js')}';
      const store = createFilePredictionStore(${JSON.stringify(root)}, systemClock);
      ${body}`,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
});

describe('the prediction log on files', () => {
  test('finds a receipt before and after it is written, in this process and from another', async () => {
    const journal = open();
    const id = journal.add(receipt());
    expect(id).toMatch(predictionIdPattern);
    expect(await journal.find(id)).toEqual({ ...predictionReceiptRecord.example, id });
    expect(readdirSync(folder)).toEqual([]);
    await journal.flush();
    expect(await journal.find(id)).toMatchObject({ id, label: 'REAL' });
    expect(await findReceipt(folder, id)).toEqual(await journal.find(id));
    await journal.close();
  });

  test('finds every id among thousands, with texts of all lengths between them, and no other', async () => {
    const journal = open({ keepText: true, segmentBytes: 1_000_000 });
    const ids: string[] = [];
    for (let i = 0; i < 2000; i++) {
      if (i % 7 !== 0) nowMs += i % 3; // several share a millisecond
      ids.push(journal.add(receipt('wort '.repeat(i % 400))));
      if (i % 250 === 249) await journal.flush();
    }
    await journal.close();
    expect(readdirSync(folder).length).toBeGreaterThan(1);
    for (let i = 0; i < ids.length; i += 37) expect((await findReceipt(folder, ids[i]!))?.id).toBe(ids[i]);
    expect((await findReceipt(folder, ids.at(-1)!))?.id).toBe(ids.at(-1));
    const other = `${ids[1000]!.slice(0, -1)}${ids[1000]!.endsWith('a') ? 'b' : 'a'}`;
    expect(await findReceipt(folder, other)).toBeUndefined();
    expect(await findReceipt(folder, '../../etc/passwd')).toBeUndefined();
  });

  test('passes over lines that a crash tore', async () => {
    const journal = open();
    const first = journal.add(receipt());
    await journal.flush();
    const name = readdirSync(folder)[0]!;
    appendFileSync(join(folder, name), '{"id":"0mjv6k2g0abcdefg');
    nowMs += 10;
    const later = open();
    const second = later.add(receipt());
    await later.close();
    expect((await findReceipt(folder, first))?.id).toBe(first);
    expect((await findReceipt(folder, second))?.id).toBe(second);
    await journal.close();
  });

  test('deletes receipts that are older than the limit in days', async () => {
    const journal = open();
    const old = journal.add(receipt());
    await journal.close();
    // files carry the real clock's time: the journal's is put ahead of it
    nowMs = Date.now() + 91 * 86_400_000;
    const later = open();
    later.add(receipt());
    await later.close();
    expect(await findReceipt(folder, old)).toBeUndefined();
    expect(readdirSync(folder).length).toBe(1);
  });

  test('drops and counts receipts that the disk refuses, and continues', async () => {
    const path = join(folder, 'a-file');
    writeFileSync(path, '');
    const journal = open({ folder: path });
    let lost = 0;
    journal.onLost((receipts) => {
      lost += receipts;
    });
    const id = journal.add(receipt());
    journal.add(receipt());
    await journal.flush();
    expect(lost).toBe(2);
    await expect(journal.find(id)).rejects.toThrow();
    await journal.close();
  });
});
