import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { silentLogger } from '../../foundation/core/logger.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createStores } from '../../workflows/context/stores.ts';
import { loadTrainConfig, trainConfigSchema } from '../configuration/index.ts';
import { prepareTrainingInputs } from './training-inputs.ts';

describe('prepareTrainingInputs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-inputs-'));
    const rows = Array.from(
      { length: 600 },
      (_, i) => `title ${i},ferry ${i} harbour,${i % 2 ? 'REAL' : 'FAKE'}`,
    );
    writeFileSync(join(folder, 'articles.csv'), ['title,text,label', ...rows].join('\n'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['counting words for a vocabulary', 'vocabulary', 'model=compact'],
    ['tokenising', 'tokenize', 'model=linear'],
  ])('stops while it is %s, and goes on with the same command', async (_, label, model) => {
    const stop = new AbortController();
    const seen: string[] = [];
    const prepare = (signal: AbortSignal) =>
      prepareTrainingInputs(
        loadTrainConfig([model, 'data=csv', `data.path=${join(folder, 'articles.csv')}`], {
          workingDirectory: folder,
        }).config,
        null,
        {
          home: locateHome(join(folder, 'home')),
          stores: createStores(locateHome(join(folder, 'home')), systemClock),
          workingDirectory: folder,
          logger: silentLogger,
          clock: systemClock,
          warn: () => {},
          say: () => {},
          signal,
          progress: (name) => {
            seen.push(name);
            if (name === label) stop.abort(new Error('asked to'));
            return { update: () => {}, stop: () => {} };
          },
        },
      );
    await expect(prepare(stop.signal)).rejects.toThrow('asked to');
    expect(seen.at(-1)).toBe(label);
    const { train } = await prepare(new AbortController().signal);
    expect(train.labels.length).toBeGreaterThan(400);
  });

  it('refuses a new dataset version without a validation split before it reads anything', async () => {
    const overrides = ['model=linear', 'data=csv', 'data.path=missing.csv', 'data.split.validation=0'];
    const { config } = loadTrainConfig(overrides, { workingDirectory: folder });
    const context = createQuietContext(locateHome(join(folder, 'home')), folder);
    await expect(prepareTrainingInputs(config, null, context)).rejects.toMatchObject({
      code: 'DATA_SPLIT_ZERO',
      message: 'data.split.validation: expected a share above 0, got 0',
    });
  });

  it('splits with the seed of training where a configuration of an earlier run has no other', async () => {
    const context = createQuietContext(locateHome(join(folder, 'home')), folder);
    const overrides = ['model=linear', 'data=csv', 'data.path=articles.csv'];
    const { config } = loadTrainConfig([...overrides, 'data.split.seed=7'], { workingDirectory: folder });
    const { seed: _, ...split } = config.data.split;
    const { max_set_aside: __, ...data } = config.data;
    const earlier = trainConfigSchema.parse({
      ...config,
      seed: 7,
      data: { ...data, max_rejects: 0.01, split },
    });
    const { manifest } = await prepareTrainingInputs(config, null, context);
    expect((await prepareTrainingInputs(earlier, null, context)).manifest.id).toBe(manifest.id);
  });
});
