// The same operations give the same answers in every store of runs, and in a naive model.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../foundation/core/clock.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { runRecord } from '../../foundation/records/run.ts';
import type { Database } from '../database/database.ts';
import { openSqlite } from '../database/sqlite-database.ts';
import { createDatabaseRunStore } from './database-run-store.ts';
import { createFileRunStore } from './file-run-store.ts';
import type { Point, PointAxis } from './measurement.ts';
import type { RunStore, RunWriter } from './run-store.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const NAMES = ['train_loss', 'constructor', 'a'];
const AXES: readonly PointAxis[] = ['step', 'epoch', 'time', 'articles'];

type Operation =
  | {
      readonly kind: 'record';
      readonly step: number;
      readonly name: string;
      readonly value: number;
      readonly timeMs: number;
    }
  | { readonly kind: 'series'; readonly from: number; readonly count: number; readonly seed: number }
  | { readonly kind: 'text'; readonly step: number; readonly name: string }
  | { readonly kind: 'rewind'; readonly step: number }
  | { readonly kind: 'flush' | 'claim' };

const step = fc.oneof(
  { weight: 8, arbitrary: fc.nat(40) },
  { weight: 1, arbitrary: fc.constantFrom(0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1, 2 ** 32) },
);
const value = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, Number.MIN_VALUE),
  fc.integer({ min: -3, max: 3 }),
);
const name = fc.constantFrom(...NAMES);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('record' as const), step, name, value, timeMs: fc.nat(1000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('series' as const),
      from: fc.nat(3000),
      count: fc.integer({ min: 1, max: 9000 }),
      seed: fc.nat(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('text' as const), step, name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rewind' as const), step }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('flush' as const, 'claim' as const) }) },
);

async function apply(operations: readonly Operation[], store: RunStore): Promise<string> {
  const { id } = await store.create(newRun, '');
  let writer: RunWriter = await store.claim(id);
  for (const one of operations) {
    if (one.kind === 'record') {
      const { step: at, timeMs } = one;
      const values = { [one.name]: one.value === 0 ? 0 : one.value };
      writer.record({ step: at, epoch: (at % 7) / 2, articles: at % 11, timeMs, values });
    } else if (one.kind === 'series') {
      for (let i = 0; i < one.count; i++) {
        const at = one.from + i;
        const values = { train_loss: Math.sin(at * ((one.seed % 13) + 1)) };
        writer.record({
          step: at,
          epoch: at / 10,
          articles: at * 2,
          timeMs: 1000 + (one.seed % 2 ? -at : at),
          values,
        });
      }
    } else if (one.kind === 'text')
      writer.recordText(one.name, { step: one.step, epoch: 0, articles: 0 }, 'said');
    else if (one.kind === 'rewind') await writer.rewind(one.step);
    else if (one.kind === 'flush') await writer.flush();
    else {
      await writer.flush();
      await writer.release();
      writer = await store.claim(id);
    }
  }
  await writer.flush();
  await writer.release();
  return id;
}

/** The rule of the port, as plainly as can be. */
function model(operations: readonly Operation[], wanted: string): Point[] {
  let shown = new Map<number, Point>();
  const put = (one: Point) => shown.set(one.step, one);
  for (const one of operations) {
    if (one.kind === 'rewind') shown = new Map([...shown].filter(([at]) => at <= one.step));
    if (one.kind === 'record' && one.name === wanted) {
      const { step: at, timeMs } = one;
      put({
        step: at,
        epoch: (at % 7) / 2,
        articles: at % 11,
        timeMs,
        value: one.value === 0 ? 0 : one.value,
      });
    }
    if (one.kind === 'series' && wanted === 'train_loss')
      for (let at = one.from; at < one.from + one.count; at++) {
        const timeMs = 1000 + (one.seed % 2 ? -at : at);
        put({
          step: at,
          epoch: at / 10,
          articles: at * 2,
          timeMs,
          value: Math.sin(at * ((one.seed % 13) + 1)),
        });
      }
  }
  return [...shown.values()].sort((a, b) => a.step - b.step);
}

async function readAll(store: RunStore, id: string, from: number, to: number, maxPoints: number) {
  const metrics = (await store.listMetrics(id)).map(({ lastTimeMs: ____, ...rest }) => rest);
  const answers: unknown[] = [metrics];
  for (const one of NAMES) {
    answers.push(
      await store.loadPoints(id, one, { includeHidden: true }),
      await store.loadPoints(id, one, { fromStep: from }),
    );
    for (const axis of AXES)
      answers.push(
        await store.loadCurve(id, one, { axis, maxPoints }),
        await store.loadCurve(id, one, { axis, from, to, maxPoints }),
      );
  }
  const texts = (await store.loadTexts(id)).map(({ timeMs: ____, ...rest }) => rest);
  return [...answers, texts, (await store.summarize(id)).metrics];
}

describe('the stores of runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-agree-'));
  const opened: Database[] = [];
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('give the same answers to the same operations, and those of a plain model', async () => {
    const database = openSqlite(join(folder, 'veracity.db'));
    opened.push(database);
    const stores = [
      createFileRunStore(locateHome(join(folder, 'files')), systemClock),
      createDatabaseRunStore(database, locateHome(join(folder, 'sqlite')), systemClock),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 60 }),
        fc.nat(5000),
        fc.nat(5000),
        fc.integer({ min: 2, max: 50 }),
        async (operations, a, b, maxPoints) => {
          const answers = [];
          for (const store of stores) {
            const id = await apply(operations, store);
            for (const one of NAMES) expect(await store.loadPoints(id, one)).toEqual(model(operations, one));
            answers.push(await readAll(store, id, Math.min(a, b), Math.max(a, b), maxPoints));
          }
          expect(answers[1]).toEqual(answers[0]);
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});
