// Tests what every prediction log guarantees (src/keeping/journal/prediction-store.ts), with a factory of stores as parameter.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/foundation/core/clock.ts';
import {
  predictionIdPattern,
  predictionReceiptRecord,
} from '../../src/foundation/records/prediction-receipt.ts';
import type {
  JournalOptions,
  NewReceipt,
  PredictionJournal,
  PredictionStore,
  ReceiptFilter,
  ReceiptHead,
} from '../../src/keeping/journal/prediction-store.ts';
import { killElsewhere, runElsewhere, type StorePlace } from './place.ts';

export interface PredictionStorePlace extends Omit<StorePlace<PredictionStore>, 'open'> {
  open(clock: Clock): PredictionStore;
}

const { id: _, createdAt: __, schemaVersion: ___, ...example } = predictionReceiptRecord.example;
const receipt = (text = 'The ferry sailed.'): NewReceipt => ({
  ...example,
  article: { title: 'Ferry', text },
});
const OPTIONS: JournalOptions = { keepText: false, maxBytes: 1e8, maxDays: 90 };

/** Adds a receipt that the store must keep. */
export function addReceipt(journal: PredictionJournal, added: NewReceipt): string {
  const id = journal.add(added);
  if (id === null) throw new Error('the journal keeps no receipts');
  return id;
}

/** @param createPlace  a new, empty place for each test */
export function describePredictionStore(name: string, createPlace: () => PredictionStorePlace): void {
  describe(`${name} keeps the promises of a prediction log`, () => {
    let place: PredictionStorePlace;
    let nowMs = 0;
    const clock: Clock = { nowIso: () => new Date(nowMs).toISOString(), monotonicMs: () => nowMs };
    const find = (id: string) => place.open(clock).find(id);
    beforeEach(() => {
      nowMs = Date.now();
      place = createPlace();
    });
    afterEach(() => place.remove());
    const script = (body: string): string =>
      place.script(`
        const journal = store.openJournal(${JSON.stringify(OPTIONS)});
        const receipt = ${JSON.stringify(receipt())};
        ${body}`);

    it('finds a receipt in its own journal at once, and anywhere once it is flushed', async () => {
      const journal = place.open(clock).openJournal(OPTIONS);
      const id = addReceipt(journal, receipt());
      expect(id).toMatch(predictionIdPattern);
      expect(await journal.find(id)).toMatchObject({ id, label: 'REAL' });
      await journal.flush();
      expect(await find(id)).toEqual(await journal.find(id));
      await journal.close();
    });

    it('keeps the text of an article only if asked to', async () => {
      for (const keepText of [false, true]) {
        const journal = place.open(clock).openJournal({ ...OPTIONS, keepText });
        const id = addReceipt(journal, receipt('unmistakable'));
        await journal.close();
        expect((await find(id))?.article?.text).toBe(keepText ? 'unmistakable' : undefined);
      }
    });

    it('finds every id of a thousand, and no other', async () => {
      const journal = place.open(clock).openJournal({ ...OPTIONS, keepText: true });
      const ids: string[] = [];
      for (let i = 0; i < 1000; i++) {
        nowMs += i % 3; // several share a millisecond
        ids.push(addReceipt(journal, receipt('wort '.repeat(i % 300))));
        if (i % 250 === 249) await journal.flush();
      }
      await journal.close();
      for (const id of ids.filter((_, i) => i % 37 === 0)) expect((await find(id))?.id).toBe(id);
      expect(await find(`${ids[500]!.slice(0, -1)}${ids[500]!.endsWith('a') ? 'b' : 'a'}`)).toBeUndefined();
      expect(await find('../../etc/passwd')).toBeUndefined();
    });

    it('scans what all processes have flushed, by model, run, data or content, without the articles', async () => {
      const none = new Set<string>();
      const scan = async (filter: Partial<ReceiptFilter>): Promise<ReceiptHead[]> => {
        const all = { models: none, runs: none, datasets: none, contents: none, ...filter };
        const heads: ReceiptHead[] = [];
        for await (const head of place.open(clock).scan(all)) heads.push(head);
        return heads;
      };
      const [one, two] = [1, 2].map(() => place.open(clock).openJournal({ ...OPTIONS, keepText: true }));
      const text = 'He said: ","article":{" and left.';
      const ids = [
        addReceipt(one!, { ...receipt(text), modelVersion: 'desk@1', runId: 'run-a' }),
        addReceipt(two!, { ...receipt(text), datasetVersion: 'ds-b', contentSha256: 'b'.repeat(64) }),
      ];
      expect(await scan({ models: new Set(['desk@1']) })).toEqual([]);
      await Promise.all([one!.close(), two!.close()]);
      const idsOf = (heads: readonly ReceiptHead[]) => heads.map((head) => head.id).sort();
      expect(idsOf(await scan({ models: new Set(['desk@1', 'other@1']) }))).toEqual([ids[0]]);
      expect(idsOf(await scan({ runs: new Set(['run-a']) }))).toEqual([ids[0]]);
      expect(idsOf(await scan({ datasets: new Set(['ds-b']) }))).toEqual([ids[1]]);
      expect(idsOf(await scan({ contents: new Set(['b'.repeat(64)]), runs: new Set(['run-a']) }))).toEqual(
        [...ids].sort(),
      );
      const [head] = await scan({ runs: new Set(['run-a']) });
      expect(head).toMatchObject({
        modelVersion: 'desk@1',
        label: 'REAL',
        probability: 0.91,
        abstained: false,
      });
      expect(JSON.stringify(head)).not.toContain('He said');
    });

    it('gives ids that never go back in time, also if the clock does', async () => {
      const journal = place.open(clock).openJournal(OPTIONS);
      const first = addReceipt(journal, receipt());
      nowMs -= 5000;
      const second = addReceipt(journal, receipt());
      expect(second.slice(0, 9) >= first.slice(0, 9)).toBe(true);
      await journal.close();
      expect((await find(second))?.id).toBe(second);
    });

    it('finds the receipts of several processes that wrote at once', async () => {
      const body = `
        const ids = [];
        for (let i = 0; i < 100; i++) { ids.push(journal.add(receipt)); if (i % 10 === 9) await journal.flush(); }
        await journal.close();
        console.log(ids.join(' '));`;
      const said = await Promise.all([1, 2, 3].map(() => runElsewhere(script(body))));
      const ids = said.join(' ').split(' ');
      expect(new Set(ids).size).toBe(300);
      for (const id of ids) expect((await find(id))?.id).toBe(id);
    }, 30_000);

    it('keeps receipts that were flushed before a kill, and later journals continue', async () => {
      const said = await killElsewhere(
        script(`
          const ids = [];
          for (let i = 0; i < 100; i++) ids.push(journal.add(receipt));
          await journal.flush();
          console.log(ids.join(' '));
          for (;;) { for (let i = 0; i < 1000; i++) journal.add(receipt); await journal.flush(); }`),
      );
      nowMs = Date.now();
      const journal = place.open(clock).openJournal(OPTIONS);
      const later = addReceipt(journal, receipt());
      await journal.close();
      for (const id of [...said.split(' '), later]) expect((await find(id))?.id).toBe(id);
    }, 30_000);

    it('stays within its bytes: the oldest receipts go first', async () => {
      const journal = place.open(clock).openJournal({ ...OPTIONS, maxBytes: 40_000 });
      const ids: string[] = [];
      for (let i = 0; i < 400; i++) {
        nowMs += 1;
        ids.push(addReceipt(journal, receipt()));
        if (i % 5 === 4) await journal.flush();
      }
      await journal.close();
      expect(await find(ids[0]!)).toBeUndefined();
      expect(await find(ids.at(-1)!)).toBeDefined();
    });

    it('gives no id to receipts that it cannot hold, counts them, and continues', async () => {
      const journal = place.open(clock).openJournal({ ...OPTIONS, keepText: true });
      const lost: [number, string][] = [];
      journal.watch({
        onLost: (receipts, reason) => lost.push([receipts, reason]),
        onRefused: () => {},
        onRecovered: () => {},
      });
      const ids = Array.from({ length: 20 }, () => journal.add(receipt('x'.repeat(1_000_000))));
      expect(lost.length).toBe(ids.filter((id) => id === null).length);
      for (const id of ids) if (id !== null) expect((await journal.find(id))?.id).toBe(id);
      expect(lost[0]).toEqual([1, 'SLOW']);
      await journal.flush();
      const id = addReceipt(journal, receipt());
      await journal.close();
      expect((await find(id))?.id).toBe(id);
    });
  });
}
