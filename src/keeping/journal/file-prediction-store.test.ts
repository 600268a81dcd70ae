import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { addReceipt, describePredictionStore } from '../../../test/conformance/prediction-store.ts';
import type { Clock } from '../../foundation/core/clock.ts';
import { predictionIdPattern, predictionReceiptRecord } from '../../foundation/records/prediction-receipt.ts';
import {
  createFilePredictionStore,
  type JournalFileOptions,
  type OpenSegment,
} from './file-prediction-store.ts';
import type { JournalOptions, NewReceipt, PredictionJournal } from './prediction-store.ts';

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
  ...options
}: Partial<JournalOptions & JournalFileOptions> & { folder?: string } = {}) => {
  return createFilePredictionStore(place, clock, { flushMs: 1e6, ...options }).openJournal({
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
    const id = addReceipt(journal, receipt());
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
      ids.push(addReceipt(journal, receipt('wort '.repeat(i % 400))));
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
    const first = addReceipt(journal, receipt());
    await journal.flush();
    const name = readdirSync(folder)[0]!;
    appendFileSync(join(folder, name), '{"id":"0mjv6k2g0abcdefg');
    nowMs += 10;
    const later = open();
    const second = addReceipt(later, receipt());
    await later.close();
    expect((await findReceipt(folder, first))?.id).toBe(first);
    expect((await findReceipt(folder, second))?.id).toBe(second);
    await journal.close();
  });

  test('deletes receipts that are older than the limit in days', async () => {
    const journal = open();
    const old = addReceipt(journal, receipt());
    await journal.close();
    // files carry the real clock's time: the journal's is put ahead of it
    nowMs = Date.now() + 91 * 86_400_000;
    const later = open();
    addReceipt(later, receipt());
    await later.close();
    expect(await findReceipt(folder, old)).toBeUndefined();
    expect(readdirSync(folder).length).toBe(1);
  });

  test('keeps receipts in memory while the disk refuses them, gives no new ids, and goes on', async () => {
    const place = join(folder, 'predictions');
    writeFileSync(place, 'a file in the way');
    const journal = open({ folder: place, retryMs: 10 });
    const events = watch(journal);
    const first = addReceipt(journal, receipt());
    const second = addReceipt(journal, receipt());
    await journal.flush();
    expect(events).toEqual(['refused EEXIST 2']);
    expect(journal.add(receipt())).toBe(null);
    expect(events.at(-1)).toBe('lost 1 EEXIST');
    expect((await journal.find(first))?.id).toBe(first);
    rmSync(place);
    await expect.poll(() => events.at(-1)).toBe('recovered');
    const third = addReceipt(journal, receipt());
    await journal.close();
    for (const id of [first, second, third]) expect((await findReceipt(place, id))?.id).toBe(id);
    expect(readdirSync(place).length).toBe(1);
  });

  test('counts receipts that wait in memory as lost when it is closed', async () => {
    const place = join(folder, 'predictions');
    writeFileSync(place, '');
    const journal = open({ folder: place });
    const events = watch(journal);
    addReceipt(journal, receipt());
    await journal.close();
    expect(events).toEqual(['refused EEXIST 1', 'lost 1 EEXIST']);
  });

  test.each([0, 1, 400])(
    'tries the same segment again after a disk took %i bytes of a batch',
    async (taken) => {
      const full = { left: Number.POSITIVE_INFINITY };
      const journal = open({ retryMs: 1e6, openSegment: openOnDisk(full) });
      const events = watch(journal);
      const before = addReceipt(journal, receipt());
      await journal.flush();
      full.left = taken;
      const torn = [1, 2, 3].map(() => addReceipt(journal, receipt()));
      for (let i = 0; i < 5; i++) await journal.flush();
      expect(events).toEqual(Array.from({ length: 5 }, () => 'refused ENOSPC 3'));
      const [name, ...others] = readdirSync(folder);
      expect(others).toEqual([]);
      expect(readFileSync(join(folder, name!), 'utf8').trim().split('\n').length).toBe(1);
      full.left = Number.POSITIVE_INFINITY;
      await journal.flush();
      expect(events.at(-1)).toBe('recovered');
      await journal.close();
      expect(readdirSync(folder)).toEqual([name]);
      expect(readFileSync(join(folder, name!), 'utf8').trim().split('\n').length).toBe(4);
      for (const id of [before, ...torn]) expect((await findReceipt(folder, id))?.id).toBe(id);
    },
  );

  test('leaves no empty segment on a disk that is full from the start', async () => {
    const full = { left: 0 };
    const journal = open({ retryMs: 1e6, openSegment: openOnDisk(full) });
    const id = addReceipt(journal, receipt());
    for (let i = 0; i < 5; i++) await journal.flush();
    expect(readdirSync(folder)).toEqual([]);
    full.left = Number.POSITIVE_INFINITY;
    await journal.close();
    expect(readdirSync(folder).length).toBe(1);
    expect((await findReceipt(folder, id))?.id).toBe(id);
  });
});

function watch(journal: PredictionJournal): string[] {
  const events: string[] = [];
  journal.watch({
    onLost: (receipts, reason) => events.push(`lost ${receipts} ${reason}`),
    onRefused: (reason, waiting) => events.push(`refused ${reason} ${waiting}`),
    onRecovered: () => events.push('recovered'),
  });
  return events;
}

/** Real files on a disk that takes `left` more bytes, and a part of a write that does not fit. */
function openOnDisk(disk: { left: number }): OpenSegment {
  return async (path) => {
    const file = await openFile(path, 'a');
    return {
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
      appendFile: async (bytes) => {
        const all = bytes as Buffer;
        const taken = all.subarray(0, Math.min(disk.left, all.length));
        await file.appendFile(taken);
        if (taken.length === all.length) return;
        throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
      },
    };
  };
}
