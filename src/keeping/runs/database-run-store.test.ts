import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtModule, runElsewhere } from '../../../test/conformance/place.ts';
import { describeRunStore, evalEvent } from '../../../test/conformance/run-store.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { runRecord } from '../../foundation/records/run.ts';
import { openSqlite } from '../database/sqlite-database.ts';
import { createDatabaseRunStore } from './database-run-store.ts';
import { createFileRunStore } from './file-run-store.ts';
import type { RunStore } from './run-store.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const imports = `
  import { createDatabaseRunStore } from '${builtModule('keeping/runs/index.js')}';
  import { openSqlite } from '${builtModule('keeping/database/index.js')}';
  import { systemClock } from '${builtModule('foundation/core/index.js')}';`;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});
const sqliteAt = (root: string) => {
  const database = openSqlite(join(root, 'veracity.db'));
  open.push(database);
  return database;
};

function replaceByFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

describeRunStore(
  'a run store in SQLite',
  () => {
    const root = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
    return {
      open: (clock) => createDatabaseRunStore(sqliteAt(root), locateHome(root), clock),
      script: (body) => `${imports}
      const database = openSqlite(${JSON.stringify(join(root, 'veracity.db'))});
      const store = createDatabaseRunStore(database, { runs: ${JSON.stringify(join(root, 'runs'))} }, systemClock);
      ${body}`,
      remove: () => rmSync(root, { recursive: true, force: true }),
    };
  },
  { inProcesses: false },
);

describe('runs in SQLite', () => {
  let root: string;
  const openStore = (): RunStore => createDatabaseRunStore(sqliteAt(root), locateHome(root), systemClock);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('marks a run whose process has died, and tells whoever watches', async () => {
    const store = openStore();
    const { id } = await store.create(newRun, '');
    await runElsewhere(`${imports}
      const database = openSqlite(${JSON.stringify(join(root, 'veracity.db'))});
      const store = createDatabaseRunStore(database, { runs: ${JSON.stringify(join(root, 'runs'))} }, systemClock);
      const writer = await store.claim('${id}');
      await writer.append({ type: 'started', process: process.pid, resumedAtStep: 0 });
      process.exit(0);`);
    const { cursor } = await store.changesSince(null);
    const statusColumn = async () => {
      const database = sqliteAt(root);
      const row = (await database.connect()).selectFrom('runs').select('status').where('id', '=', id);
      return (await row.executeTakeFirstOrThrow()).status;
    };
    expect((await store.list()).runs).toMatchObject([{ id, status: 'interrupted' }]);
    expect(await statusColumn()).toBe('interrupted');
    expect(cursor).not.toBe('');
    await (await store.claim(id)).release();
  }, 30_000);

  it('creates no run where its folder cannot be made', async () => {
    writeFileSync(join(root, 'runs'), 'a file is in the way');
    const store = openStore();
    await expect(store.create(newRun, '')).rejects.toMatchObject({ code: expect.stringMatching(/^SYSTEM_/) });
    rmSync(join(root, 'runs'));
    expect(await store.list()).toEqual({ runs: [], damaged: [] });
  });

  it('keeps the order of artifacts that are added at once', async () => {
    const store = openStore();
    const { id } = await store.create(newRun, '');
    const writer = await store.claim(id);
    const names = Array.from({ length: 10 }, (_one, i) => `file_${9 - i}`);
    await Promise.all(
      names.map((name) =>
        writer.addArtifact({
          name,
          kind: 'file',
          digest: `sha256:${'0'.repeat(64)}`,
          sizeBytes: 1,
          path: name,
        }),
      ),
    );
    expect((await store.listArtifacts(id)).map(({ name }) => name)).toEqual(names);
    await writer.release();
  });

  it('keeps the configuration as a file beside the checkpoints, too', async () => {
    const store = openStore();
    const { id } = await store.create(newRun, 'seed: 42 # run\n');
    expect(await store.locations(id)).toMatchObject({
      database: join(root, 'veracity.db'),
      config: join(root, 'runs', id, 'config.yaml'),
    });
  });

  describe('import of runs on files', () => {
    async function writeFileRun(files: RunStore, loss: number): Promise<string> {
      const { id } = await files.create(newRun, 'seed: 1\n');
      const first = await files.claim(id);
      await first.append({ type: 'started', process: process.pid, resumedAtStep: 0 });
      for (let step = 1; step <= 40; step++)
        first.record({ step, epoch: step / 10, articles: step * 8, values: { train_loss: loss / step } });
      first.recordText('note', { step: 3, epoch: 0.3, articles: 24 }, 'a text');
      await first.append(evalEvent(20, 0.25, true));
      await first.rewind(20);
      for (let step = 21; step <= 30; step++)
        first.record({ step, epoch: step / 10, articles: step * 8, values: { train_loss: Number.NaN } });
      await first.addArtifact({
        ...{ name: 'model', kind: 'model', sizeBytes: 1, path: 'model' },
        digest: `sha256:${'0'.repeat(64)}`,
      });
      await first.saveEvaluations([evaluationReportRecord.example]);
      await first.append({ type: 'stopped', step: 30, reason: 'SIGINT' });
      await first.release();
      await files.setTags(id, { add: ['old'] });
      await files.setNote(id, 'kept');
      return id;
    }

    const factsOf = async (store: RunStore, id: string) => ({
      run: await store.load(id),
      summary: await store.summarize(id),
      events: await store.loadEvents(id),
      points: await store.loadPoints(id, 'train_loss'),
      kept: await store.loadPoints(id, 'train_loss', { includeHidden: true }),
      metrics: await store.listMetrics(id),
      texts: await store.loadTexts(id),
      artifacts: await store.listArtifacts(id),
      evaluations: await store.loadEvaluations(id),
    });

    it('loses nothing, and happens once', async () => {
      const files = createFileRunStore(locateHome(root), systemClock);
      const id = await writeFileRun(files, 1);
      const before = await factsOf(files, id);
      expect(await factsOf(openStore(), id)).toEqual(before);
      const store = openStore();
      await store.setNote(id, 'changed later');
      expect((await openStore().list()).runs).toMatchObject([{ id, note: 'changed later' }]);
    });

    it('goes on with the other runs where one cannot be read, and where a kill came between', async () => {
      const files = createFileRunStore(locateHome(root), systemClock);
      const first = await writeFileRun(files, 1);
      expect((await openStore().list()).runs.map(({ id }) => id)).toEqual([first]);
      const second = await writeFileRun(files, 2);
      const broken = await writeFileRun(files, 3);
      appendFileSync(join(root, 'runs', broken, 'events.jsonl'), 'no json\n');
      const { runs } = await openStore().list();
      expect(runs.map(({ id }) => id).sort()).toEqual([first, second].sort());
    });

    it('does not bring back a deleted run, and completes a deletion that was killed', async () => {
      const files = createFileRunStore(locateHome(root), systemClock);
      const id = await writeFileRun(files, 1);
      const folder = join(root, 'runs', id);
      const copy = join(root, 'copy');
      cpSync(folder, copy, { recursive: true });
      await openStore().delete(id);
      cpSync(copy, folder, { recursive: true }); // as a kill, or another machine's home, leaves it
      expect(await openStore().list()).toEqual({ runs: [], damaged: [] });
      expect(existsSync(folder)).toBe(false);
    });

    it.each([
      ['an empty head', (folder: string) => writeFileSync(join(folder, 'run.json'), '')],
      ['half a head', (folder: string) => truncateSync(join(folder, 'run.json'), 100)],
      ['a folder for a head', (folder: string) => replaceByFolder(join(folder, 'run.json'))],
      ['a folder for its events', (folder: string) => replaceByFolder(join(folder, 'events.jsonl'))],
      ['a folder for its configuration', (folder: string) => replaceByFolder(join(folder, 'config.yaml'))],
      ['a damaged evaluation', (folder: string) => writeFileSync(join(folder, 'evaluation.json'), '{')],
      // With a line break: bytes without one are taken for a line that a kill has torn.
      [
        'binary events',
        (folder: string) =>
          writeFileSync(
            join(folder, 'events.jsonl'),
            Buffer.concat([randomBytes(250), Buffer.from('\n'), randomBytes(250)]),
          ),
      ],
    ])('names a run with %s as damaged, leaves its files, and brings the others', async (_what, damage) => {
      const files = createFileRunStore(locateHome(root), systemClock);
      const broken = await writeFileRun(files, 1);
      const whole = await writeFileRun(files, 2);
      damage(join(root, 'runs', broken));
      const { runs, damaged } = await openStore().list();
      expect(runs.map(({ id }) => id)).toEqual([whole]);
      expect(damaged.map(({ id }) => id)).toEqual([broken]);
      expect(existsSync(join(root, 'runs', broken, 'run.json'))).toBe(true);
    });

    it('takes a log whose last line was torn by a kill', async () => {
      const files = createFileRunStore(locateHome(root), systemClock);
      const id = await writeFileRun(files, 1);
      const before = await factsOf(files, id);
      for (const name of ['events.jsonl', 'measurements.jsonl', 'annotations.jsonl'])
        appendFileSync(join(root, 'runs', id, name), '{"schemaVersion":1,"crea');
      expect(await factsOf(openStore(), id)).toEqual(before);
    });

    it('of eight processes that open the home at once brings each run once', async () => {
      const files = createFileRunStore(locateHome(root), systemClock);
      const ids = [];
      for (let i = 0; i < 10; i++) ids.push(await writeFileRun(files, i + 1));
      const source = `${imports}
        const database = openSqlite(${JSON.stringify(join(root, 'veracity.db'))});
        const store = createDatabaseRunStore(database, { runs: ${JSON.stringify(join(root, 'runs'))} }, systemClock);
        console.log((await store.list()).runs.length);`;
      const counts = await Promise.all(Array.from({ length: 8 }, () => runElsewhere(source)));
      expect(counts).toEqual(Array.from({ length: 8 }, () => '10'));
      const points = await openStore().loadPoints(ids[0]!, 'train_loss', { includeHidden: true });
      expect(points).toHaveLength(50);
    }, 60_000);

    it('leaves a folder alone that holds files of a run only', async () => {
      mkdirSync(join(root, 'runs', 'run-20260101-000000-abcd', 'checkpoints'), { recursive: true });
      writeFileSync(join(root, 'runs', 'run-20260101-000000-abcd', 'config.yaml'), '');
      expect(await openStore().list()).toEqual({ runs: [], damaged: [] });
    });
  });
});
