// What a profile of a training leaves: a summary with a conclusion, a timeline with operators, functions of both threads.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateHome } from '../../src/foundation/records/home.ts';
import { profileSummaryRecord } from '../../src/foundation/records/profile-summary.ts';
import { loadRecord } from '../../src/foundation/records/record.ts';
import { runTraining } from '../../src/workflows/train/training.ts';
import { loadTrainingRequest } from '../../src/workflows/train/training-request.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const COMPACT = ['model=compact', 'model.layers=1', 'model.width=16', 'model.heads=2', 'model.max_length=24'];
const SHORT = [
  ...['data=sample', 'evaluate=standard', 'threads=1', 'train.batch_size=8', 'train.max_steps=6'],
];

describe('a profiled training', () => {
  let folder: string;
  const said: string[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-profile-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const train = async (settings: string[]) => {
    said.length = 0;
    const context = createQuietContext(locateHome(join(folder, 'home')), folder, {
      say: (line) => said.push(line),
    });
    const outcome = await runTraining(loadTrainingRequest([...SHORT, ...settings], context), context);
    const id = outcome.status === 'finished' ? outcome.result.runId : '';
    const { folder: runFolder } = await context.stores.runs.files(id);
    const artifacts = (await context.stores.runs.listArtifacts(id)).filter(({ kind }) => kind === 'profile');
    return { profile: join(runFolder, 'profile'), artifacts, home: context.home };
  };

  it('with simple tells the phases, the padding and what to try, and keeps them with the run', async () => {
    const { profile, artifacts } = await train([...COMPACT, 'profiler=simple']);
    const summary = loadRecord(profileSummaryRecord, join(profile, 'summary.json'));
    const names = summary.phases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['forward and backward', 'update', 'evaluation', 'export']));
    expect(summary.phases.find(({ name }) => name === 'forward and backward')?.count).toBe(6);
    expect(summary.phases.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 2);
    expect(summary.padding).toBeGreaterThanOrEqual(0);
    expect(summary.operators).toBeNull();
    expect(artifacts.map(({ name }) => name)).toEqual(['profile/summary.json']);
    expect(said.join('\n')).toMatch(/Most of the time went to: .*waiting for data .*padding .*To try: /);
  });

  it('with trace writes a timeline of the steps asked for, with operators inside the passes', async () => {
    const { profile, home } = await train([...COMPACT, 'profiler=trace', 'profiler.steps=3']);
    const { traceEvents } = JSON.parse(readFileSync(join(profile, 'trace.json'), 'utf8'));
    const named = (name: string) => traceEvents.filter((event: { name: string }) => event.name === name);
    expect(named('step')).toHaveLength(3);
    const pass = named('forward and backward')[0];
    const operator = traceEvents.find((event: { cat?: string }) => event.cat === 'matrix');
    expect(operator.ts).toBeGreaterThanOrEqual(pass.ts);
    expect(operator.ts + operator.dur).toBeLessThanOrEqual(pass.ts + pass.dur);
    const { operators } = loadRecord(profileSummaryRecord, join(profile, 'summary.json'));
    expect(operators?.runs).toBe(3);
    expect(operators?.kinds.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(said.join('\n')).toContain('element-wise operators');
    expect(readdirSync(home.cache).filter((name) => name.startsWith('profile'))).toEqual([]);
  });

  it('with advanced names functions of the main and the training thread', async () => {
    const { profile } = await train([...COMPACT, 'profiler=advanced']);
    for (const name of ['main.cpuprofile', 'training.cpuprofile'])
      expect(JSON.parse(readFileSync(join(profile, name), 'utf8')).nodes.length).toBeGreaterThan(1);
    const { functions } = loadRecord(profileSummaryRecord, join(profile, 'summary.json'));
    expect(new Set(functions.map(({ thread }) => thread))).toEqual(new Set(['main', 'training']));
  });

  it('of a linear model has phases without padding, and none leaves no folder', async () => {
    const linear = await train(['model=linear', 'profiler=trace']);
    const summary = loadRecord(profileSummaryRecord, join(linear.profile, 'summary.json'));
    expect(summary).toMatchObject({ operators: null, padding: null });
    const { profile } = await train(['model=linear']);
    expect(existsSync(profile)).toBe(false);
  });
});
