// `runs reproduce` on real trainings: a run is had again bit for bit, and where it is not, the first difference and the part
// that differs are named. Heads and points that never were are made through the store.
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import type { Run } from '../../src/foundation/records/run.ts';
import { runsReproduceCommand } from '../../src/program/commands/runs-reproduce.ts';
import type { WorkflowContext } from '../../src/workflows/context/workflow-context.ts';
import { type Reproduction, reproduceRun } from '../../src/workflows/reproduce/reproduced-run.ts';
import type {
  ReproductionCheck,
  ReproductionPart,
} from '../../src/workflows/reproduce/reproduction-check.ts';
import { runTraining } from '../../src/workflows/train/training.ts';
import { loadTrainingRequest } from '../../src/workflows/train/training-request.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const SETTINGS = [
  ...['model=linear', 'model.buckets=4096', 'data=csv', 'data.path=news.csv', 'threads=1'],
  ...['train.epochs=2', 'train.batch_size=8', 'tracking.log_every=5', 'tracking.system_every_s=0.2'],
];

describe('a reproduction', () => {
  let folder: string;
  let context: WorkflowContext;
  let runId: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-reproduction-'));
    context = createQuietContext(locateHome(join(folder, 'home')), folder);
    const random = createRandom('reproduction');
    const word = (): string => `hall${random.integer(4000)}`;
    const rows = Array.from({ length: 160 }, (_, i) => {
      const sign = i % 2 === 0 ? 'miracle' : 'minutes';
      return `"Ferry ${word()} ${word()}","${word()} ${sign} ${word()} ${sign} ${word()} ${word()}",${i % 2 === 0 ? 'FAKE' : 'REAL'}`;
    });
    writeFileSync(join(folder, 'news.csv'), `title,text,label\n${rows.join('\n')}\n`);
    runId = await train(SETTINGS);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function train(args: string[], changes: Partial<WorkflowContext> = {}): Promise<string> {
    const outcome = await runTraining(loadTrainingRequest(args, context), { ...context, ...changes });
    return outcome.status === 'finished' ? outcome.result.runId : outcome.runId;
  }
  const reproduce = (id: string, checkOnly = false): Promise<Reproduction> =>
    reproduceRun(id, { checkOnly }, context);
  const find = ({ checks }: Reproduction, part: ReproductionPart): ReproductionCheck | undefined =>
    checks.find((check) => check.part === part);

  /** A run with the points, events and model of the trained one, under another head. */
  async function forge(
    changeHead: (run: Run) => Partial<Run>,
    changeLoss: (loss: number, step: number) => number = (loss) => loss,
  ): Promise<string> {
    const { runs } = context.stores;
    const { id, createdAt, schemaVersion, ...head } = await runs.load(runId);
    const forged = await runs.create(
      { ...head, ...changeHead({ id, createdAt, schemaVersion, ...head }) },
      '',
    );
    const writer = await runs.claim(forged.id);
    for (const { name } of await runs.listMetrics(runId))
      for (const { value, ...moment } of await runs.loadPoints(runId, name))
        writer.record({
          ...moment,
          values: { [name]: name === 'train_loss' ? changeLoss(value, moment.step) : value },
        });
    for (const { schemaVersion: _, createdAt: __, ...event } of await runs.loadEvents(runId))
      await writer.append(event as Parameters<typeof writer.append>[0]);
    await writer.release();
    cpSync((await runs.files(runId)).model, (await runs.files(forged.id)).model, { recursive: true });
    return forged.id;
  }

  it('has the run again bit for bit, as a new run with a tag and a parent, and registers nothing', async () => {
    const { runs, registry } = context.stores;
    const before = (await registry.list()).models.length;
    const reproduction = await reproduce(runId);
    expect(reproduction).toMatchObject({ outcome: 'identical', isAsItWas: true, likelyCauses: [] });
    expect(reproduction.comparison?.metrics).toEqual(
      expect.arrayContaining(['train_loss', 'val_loss', 'test_loss']),
    );
    expect(reproduction.comparison?.values).toBeGreaterThan(50);
    expect(reproduction.comparison?.weights?.after).toBe(reproduction.comparison?.weights?.before);
    const made = await runs.summarize(reproduction.reproduction!);
    expect(made).toMatchObject({ status: 'finished', modelVersion: null, tags: [`reproduces:${runId}`] });
    expect((await runs.load(made.id)).parents).toContain(runId);
    expect((await registry.list()).models).toHaveLength(before);
  });

  it('verifies without training, and says that everything is as it was', async () => {
    const { runs } = context.stores;
    const before = (await runs.list()).runs.length;
    const result = await runsReproduceCommand.run({ args: [runId], options: { check: true } }, context);
    expect(result.exitCode).toBeUndefined();
    expect(result.text).toContain('the same bits are expected');
    expect((await runs.list()).runs).toHaveLength(before);
  });

  it('reproduces a run of an early version, whose head records little', async () => {
    const id = await forge(() => ({
      ...{ code: undefined, environment: undefined, machine: undefined, encoderDigest: undefined },
      ...{ command: undefined, origins: undefined, threads: undefined, device: undefined },
    }));
    const reproduction = await reproduce(id);
    expect(reproduction.outcome).toBe('identical');
    for (const part of ['program', 'kernels', 'machine kind', 'threads', 'defaults'] as const)
      expect(find(reproduction, part)?.status).toBe('not recorded');
  });

  it('names the first difference and the changed key of the configuration', async () => {
    const id = await forge(({ config }) => ({
      config: { ...config, optimizer: { ...(config.optimizer as object), lr: 0.9 } },
    }));
    const reproduction = await reproduce(id);
    expect(reproduction).toMatchObject({ outcome: 'different', likelyCauses: ['configuration'] });
    expect(reproduction.comparison?.first).toMatchObject({ step: 5, metric: 'train_loss' });
    const result = await runsReproduceCommand.run({ args: [id], options: { check: true } }, context);
    expect(result).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('not everything is as it was'),
    });
  });

  it('suspects the code where only the program differs', async () => {
    const other = '0'.repeat(64);
    const id = await forge(
      ({ code }) => ({ code: { ...code!, programSha256: other } }),
      (loss, step) => (step === 15 ? loss + 1e-9 : loss),
    );
    const reproduction = await reproduce(id);
    expect(reproduction).toMatchObject({ outcome: 'different', expectsSameBits: true });
    expect(reproduction.likelyCauses[0]).toBe('program');
    expect(reproduction.comparison).toMatchObject({
      different: 1,
      first: { step: 15, metric: 'train_loss' },
    });
    expect(reproduction.comparison?.isWithinTolerance).toBe(true);
  });

  it('accepts near values from another kind of machine, and no far ones', async () => {
    const otherKind = ({ machine }: Run): Partial<Run> => ({
      machine: { ...machine!, kind: 'linux-arm64 asimd' },
    });
    const near = await reproduce(await forge(otherKind, (loss) => loss * 1.00001));
    expect(near).toMatchObject({ outcome: 'within tolerance', expectsSameBits: false });
    expect(near.likelyCauses[0]).toBe('machine kind');
    const far = await reproduce(await forge(otherKind, (loss) => loss * 1.01));
    expect(far.outcome).toBe('different');
  });

  it('trains with the recorded number of threads, whatever the configuration says', async () => {
    const id = await forge(({ config }) => ({ threads: 2, config: { ...config, threads: 1 } }));
    const reproduction = await reproduce(id);
    expect(find(reproduction, 'threads')).toMatchObject({ status: 'equal', before: '2' });
    expect((await context.stores.runs.load(reproduction.reproduction!)).threads).toBe(2);
  });

  it('reproduces a run that was stopped and resumed', async () => {
    const stop = new AbortController();
    const id = await train(SETTINGS, {
      signal: stop.signal,
      say: (line) => void (line.startsWith('step ') && stop.abort('enough')),
    });
    await train([`resume=${id}`]);
    const reproduction = await reproduce(id);
    expect(reproduction.outcome).toBe('identical');
    expect(find(reproduction, 'resumes')?.status).toBe('equal');
  });

  it('reproduces a run with the settings that a resume has changed', async () => {
    const stop = new AbortController();
    const id = await train(SETTINGS, {
      signal: stop.signal,
      say: (line) => void (line.startsWith('step ') && stop.abort('enough')),
    });
    await train([`resume=${id}`, 'evaluate.abstain=0.9']);
    const reproduction = await reproduce(id);
    expect(reproduction).toMatchObject({ outcome: 'identical', isAsItWas: true });
    const { config } = await context.stores.runs.load(reproduction.reproduction!);
    expect(config.evaluate).toMatchObject({ abstain: 0.9 });
  });

  it('reproduces a run that was only stopped, as far as it came', async () => {
    const stop = new AbortController();
    const id = await train([...SETTINGS, 'train.epochs=50'], {
      signal: stop.signal,
      say: (line) => void (line.startsWith('step ') && stop.abort('enough')),
    });
    const reproduction = await reproduce(id);
    expect(reproduction).toMatchObject({ outcome: 'identical' });
    expect(reproduction.lastStep).toBeGreaterThan(0);
    expect(await context.stores.runs.status(reproduction.reproduction!)).toBe('stopped');
    const result = await runsReproduceCommand.run({ args: [id], options: {} }, context);
    expect(result.text).toMatch(/up to step \d+, where the run ended/);
  });

  it('refuses a run that still trains, and one without any step', async () => {
    const { runs } = context.stores;
    const { id: _, createdAt: __, schemaVersion: ___, ...head } = await runs.load(runId);
    const { id } = await runs.create(head, '');
    await expect(reproduce(id)).rejects.toMatchObject({ code: 'RUN_NOT_REPRODUCIBLE' });
    const writer = await runs.claim(id);
    await writer.append({ type: 'started', process: process.pid, resumedAtStep: 0 });
    await expect(reproduce(id)).rejects.toMatchObject({
      code: 'RUN_NOT_REPRODUCIBLE',
      message: expect.stringContaining('still trains'),
    });
    await writer.release();
  });

  it('does not register the model when a reproduction was stopped and is resumed', async () => {
    const { registry, runs } = context.stores;
    const before = (await registry.list()).models.length;
    const stop = new AbortController();
    const stopped = await reproduceRun(
      runId,
      { checkOnly: false },
      {
        ...context,
        signal: stop.signal,
        say: (line) => void (line.startsWith('step ') && stop.abort('enough')),
      },
    );
    expect(stopped.outcome).toBe('stopped');
    await train([`resume=${stopped.reproduction}`]);
    expect(await runs.status(stopped.reproduction!)).toBe('finished');
    expect((await registry.list()).models).toHaveLength(before);
  });

  it('trains nothing where the data was changed or is gone, and says so', async () => {
    const { datasets, runs } = context.stores;
    const { datasetVersion } = await runs.load(runId);
    const { train: split } = (await datasets.load(datasetVersion)).splits;
    const blob = readdirSync(context.home.blobs, { recursive: true, encoding: 'utf8' })
      .map((name) => join(context.home.blobs, name))
      .find((path) => path.replaceAll('/', '').endsWith(split.md5) && statSync(path).isFile())!;
    chmodSync(blob, 0o644);
    appendFileSync(blob, ' ');
    const damaged = await reproduce(runId);
    expect(damaged).toMatchObject({ outcome: 'impossible', reproduction: null });
    expect(find(damaged, 'dataset')?.status).toBe('missing');
    await datasets.delete(datasetVersion);
    const gone = await runsReproduceCommand.run({ args: [runId], options: {} }, context);
    expect(gone.exitCode).toBe(1);
    expect(gone.text).toMatch(/dataset: not in this home.*veracity data prepare/);
  });
});
