import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
const sizeOf = (name: string): number => statSync(join(folder, name)).size;

describe('the prediction log', () => {
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

  test('keeps no word of an article unless that was asked for', async () => {
    const quiet = open();
    quiet.add(receipt('unmistakable'));
    await quiet.close();
    expect(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8')).not.toContain('unmistakable');
    const keeping = open({ keepText: true });
    const id = keeping.add(receipt('unmistakable'));
    await keeping.close();
    expect((await findReceipt(folder, id))?.article).toEqual({ title: 'Ferry', text: 'unmistakable' });
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

  test('stays within its bytes, the oldest going first', async () => {
    const maxBytes = 40_000;
    const journal = open({ maxBytes });
    const ids: string[] = [];
    for (let i = 0; i < 400; i++) {
      nowMs += 1;
      ids.push(journal.add(receipt()));
      if (i % 5 === 4) await journal.flush();
    }
    await journal.close();
    const total = readdirSync(folder).reduce((sum, name) => sum + sizeOf(name), 0);
    expect(total).toBeGreaterThan(maxBytes / 4);
    expect(total).toBeLessThanOrEqual(maxBytes);
    expect(await findReceipt(folder, ids[0]!)).toBeUndefined();
    expect(await findReceipt(folder, ids.at(-1)!)).toBeDefined();
  });

  test('lets go of what is older than its days', async () => {
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

  test('drops and counts what the disk does not take, and answers on', async () => {
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

  test('never holds more than a bounded amount in memory', async () => {
    const journal = open({ keepText: true });
    let lost = 0;
    journal.onLost((receipts) => {
      lost += receipts;
    });
    for (let i = 0; i < 20; i++) journal.add(receipt('x'.repeat(1_000_000)));
    expect(lost).toBeGreaterThan(2);
    await journal.close();
  });

  test('gives ids that do not go back in time when the clock does', async () => {
    const journal = open();
    const first = journal.add(receipt());
    nowMs -= 5000;
    const second = journal.add(receipt());
    expect(second.slice(0, 9) >= first.slice(0, 9)).toBe(true);
    await journal.close();
    expect((await findReceipt(folder, second))?.id).toBe(second);
  });
});
