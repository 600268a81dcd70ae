// Tests `veracity train model=bert|distilbert model.path=FOLDER` as a program, from a small checkpoint to a served model,
// and the trace from a prediction back to the pretrained weights.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { hashFile } from '../../src/foundation/core/hash.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { loadRecord } from '../../src/foundation/records/record.ts';
import { loadSafetensors, saveSafetensors } from '../../src/learning/models/safetensors.ts';
import { createStores } from '../../src/workflows/context/stores.ts';
import { ProgramFolder, TRAINING_SETTINGS, untilSaid } from './program-folder.ts';
import { createTinyCheckpoint } from './tiny-checkpoint.ts';

const settings = [...TRAINING_SETTINGS, 'model.max_length=48', 'optimizer.lr=5e-3'];

let program: ProgramFolder;
let folder: string;
beforeEach(() => {
  program = new ProgramFolder({ words: 30 });
  folder = program.path;
});
afterEach(() => program.remove());

describe.each(['bert', 'distilbert', 'roberta', 'modernbert'] as const)('fine-tuning a %s', (family) => {
  it('learns, and its model predicts, evaluates and serves', async () => {
    createTinyCheckpoint(join(folder, 'tiny'), { family });
    const trained = await program.runJson<{
      runId: string;
      modelVersion: string;
      path: string;
      test: { loss: number };
    }>('train', `model=${family}`, 'model.path=tiny', 'train.epochs=8', ...settings);
    expect(trained.modelVersion).toBe('articles@1');
    expect(trained.test.loss).toBeLessThan(0.1);

    const sha256 = await hashFile(join(folder, 'tiny', 'model.safetensors'));
    const pretrained = { name: 'tiny', revision: null, sha256 };
    const head = await createStores(locateHome(join(folder, 'home')), systemClock).runs.load(trained.runId);
    expect(head).toMatchObject({ pretrained, parents: [head.datasetVersion, `sha256:${sha256}`] });
    const info = loadRecord(modelFolderRecord, join(trained.path, 'veracity.json'));
    expect(info).toMatchObject({ family, pretrained, parents: [trained.runId, ...head.parents] });
    expect(readFileSync(join(trained.path, 'README.md'), 'utf8')).toContain(sha256);

    const question = ['--title', 'Council vote', '--text', 'The council voted on the price of water.'];
    const answer = await program.runJson<{ probability: number; modelVersion: string }>(
      'predict',
      ...question,
    );
    expect(answer.modelVersion).toBe('articles@1');
    expect(answer.probability).toBeGreaterThanOrEqual(0.5);
    const evaluated = await program.runJson<{ test: { loss: number } }>('evaluate', `run=${trained.runId}`);
    expect(evaluated.test.loss).toBeCloseTo(trained.test.loss, 5);

    const server = program.start('serve', '--port', '0');
    const [, url] = await untilSaid(server, /serving .* at (http:\S+)/);
    const response = await fetch(`${url}/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title: question[1], text: question[3] }),
    });
    expect(await response.json()).toMatchObject({ modelVersion: 'articles@1' });
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
  });
});

describe('a run that started from a checkpoint', () => {
  it('resumes only with the same weights', async () => {
    const weights = join(folder, 'tiny', 'model.safetensors');
    createTinyCheckpoint(join(folder, 'tiny'), { family: 'bert' });
    const args = ['train', 'model=bert', 'model.path=tiny', 'train.epochs=500', 'train.checkpoint_every=5'];
    const first = program.start(...args, ...settings);
    await untilSaid(first, /\(epoch 1\./);
    first.child.kill('SIGTERM');
    await once(first.child, 'close');
    const id = /resume=(\S+)/.exec(first.said() + first.out())?.[1] ?? '';

    const { tensors } = loadSafetensors(weights);
    const kept = readFileSync(weights);
    tensors.get('classifier.bias')!.data[0] = 1;
    saveSafetensors(weights, tensors);
    const refused = await program.run('train', `resume=${id}`);
    expect(refused.code, refused.said).toBe(2);
    expect(refused.said).toContain('CHECKPOINT_MISMATCH');

    writeFileSync(weights, kept);
    const again = program.start('train', `resume=${id}`);
    await untilSaid(again, /\(epoch 2\./);
    expect(again.said()).toContain(`resuming ${id}`);
    again.child.kill('SIGTERM');
    await once(again.child, 'close');
  });
});
