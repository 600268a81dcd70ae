import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTinyCheckpoint } from '../../../test/pretrained/tiny-checkpoint.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { silentLogger } from '../../foundation/core/logger.ts';
import { silentProgress } from '../../foundation/core/progress.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { CheckpointModelConfig } from '../../learning/models/index.ts';
import { createStores } from '../../workflows/context/stores.ts';
import { loadTrainConfig } from '../configuration/index.ts';
import { openPretrainedModel } from './pretrained-model.ts';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-pretrained-'));
  said = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const open = (overrides: readonly string[], recorded?: Parameters<typeof openPretrainedModel>[1]) => {
  const { model } = loadTrainConfig([...overrides], { workingDirectory: folder }).config;
  return openPretrainedModel(model as CheckpointModelConfig, recorded, {
    home: locateHome(join(folder, 'home')),
    stores: createStores(locateHome(join(folder, 'home')), systemClock),
    workingDirectory: folder,
    logger: silentLogger,
    clock: systemClock,
    progress: silentProgress,
    warn: (text) => void said.push(text),
    say: (line) => void said.push(line),
    signal: new AbortController().signal,
  });
};

describe('openPretrainedModel', () => {
  it('finds a folder from the working directory, and encodes articles as the model needs them', async () => {
    createTinyCheckpoint(join(folder, 'tiny'), { family: 'bert' });
    const { checkpoint, encoder, origin } = await open([
      'model=bert',
      'model.path=tiny',
      'model.max_length=32',
    ]);
    expect(encoder.maxTokens).toBe(32);
    expect(encoder.vocabularySize).toBe(checkpoint.definition.vocabularySize);
    expect(origin).toEqual({ name: 'tiny', revision: null, sha256: checkpoint.sha256 });
    expect(said).toEqual([]);
  });

  it.each([
    ['warns of a cased vocabulary that nothing calls cased', {}, true],
    ['does not warn of a cased vocabulary that is read as cased', { do_lower_case: false }, false],
    [
      'reads a do_lower_case of null as not said',
      { do_lower_case: null, tokenizer_class: 'PreTrainedTokenizerFast' },
      true,
    ],
  ])('%s', async (_, config, warns) => {
    const tiny = join(folder, 'tiny');
    createTinyCheckpoint(tiny, { family: 'bert' });
    const pieces = readFileSync(join(tiny, 'vocab.txt'), 'utf8').trimEnd().split('\n');
    const cased = pieces.map((piece, id) => (piece.startsWith('[') || id % 2 === 0 ? piece : `${piece}Ä`));
    writeFileSync(join(tiny, 'vocab.txt'), cased.join('\n'));
    rmSync(join(tiny, 'tokenizer.json'));
    writeFileSync(join(tiny, 'tokenizer_config.json'), JSON.stringify(config));
    await open(['model=bert', 'model.path=tiny', 'model.max_length=32']);
    expect(said.join().includes('the vocabulary looks cased')).toBe(warns);
  });

  it('takes the family from config.json, and says if another one was configured', async () => {
    createTinyCheckpoint(join(folder, 'tiny'), { family: 'distilbert' });
    const { checkpoint } = await open(['model=bert', 'model.path=tiny', 'model.max_length=32']);
    expect(checkpoint.definition.family).toBe('distilbert');
    expect(said.join()).toContain('config.json says distilbert');
  });

  it('refuses more tokens than the model has positions', async () => {
    createTinyCheckpoint(join(folder, 'tiny'), { family: 'bert' });
    await expect(open(['model=bert', 'model.path=tiny', 'model.max_length=65'])).rejects.toMatchObject({
      code: 'USAGE',
      message: 'model.max_length: expected at most 64, the positions of tiny, got 65',
    });
  });

  it('refuses a tokenizer with more pieces than the model has rows', async () => {
    const { config } = createTinyCheckpoint(join(folder, 'tiny'), { family: 'bert' });
    const pieces = Array.from({ length: config.vocabularySize + 1 }, (_, i) => `piece${i}`);
    const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
    rmSync(join(folder, 'tiny', 'tokenizer.json'));
    writeFileSync(join(folder, 'tiny', 'vocab.txt'), [...special, ...pieces].join('\n'));
    await expect(open(['model=bert', 'model.path=tiny', 'model.max_length=8'])).rejects.toMatchObject({
      code: 'TOKENIZER_INVALID',
    });
  });

  it('names a folder that does not exist', async () => {
    await expect(open(['model=bert', 'model.path=./nowhere'])).rejects.toMatchObject({
      code: 'PRETRAINED_INCOMPLETE',
      details: { path: join(folder, 'nowhere') },
    });
  });

  it('looks names up in the Hub’s cache, and uses the commit that a run recorded', async () => {
    vi.stubEnv('HF_HOME', join(folder, 'hf'));
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    for (const name of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE']) vi.stubEnv(name, undefined);
    const asked = ['model=distilbert', 'model.path=someone/tiny', 'model.max_length=32'];
    await expect(open(asked)).rejects.toMatchObject({ code: 'HUB_OFFLINE' });

    const repository = join(folder, 'hf', 'hub', 'models--someone--tiny');
    const [older, newer] = ['a', 'b'].map((digit) => digit.repeat(40)) as [string, string];
    for (const commit of [older, newer])
      createTinyCheckpoint(join(repository, 'snapshots', commit), { family: 'distilbert' });
    createRef(repository, newer);
    expect((await open(asked)).origin).toMatchObject({ name: 'someone/tiny', revision: newer });
    const recorded = { name: 'someone/tiny', revision: older, sha256: '0'.repeat(64) };
    expect((await open(asked, recorded)).checkpoint.folder).toContain(older);
  });
});

function createRef(repository: string, commit: string): void {
  mkdirSync(join(repository, 'refs'), { recursive: true });
  writeFileSync(join(repository, 'refs', 'main'), commit);
}
