// RoBERTa, XLM-RoBERTa and a pretrained ModernBERT, fine-tuned by every scope from small checkpoints that Python saved
// (test/parity/reference/checkpoints.py), with the program: it trains, predicts, explains, compresses and serves.
// Python's transformers also loaded the folders that this test makes: docs/lab-notes.md.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProgramFolder, TRAINING_SETTINGS, untilSaid } from './program-folder.ts';

interface Trained {
  readonly modelVersion: string;
  readonly path: string;
  readonly test: { readonly loss: number };
}

const CHECKPOINTS = fileURLToPath(new URL('../parity/reference/checkpoints/', import.meta.url));
const SETTINGS = [...TRAINING_SETTINGS, 'model.max_length=40', 'optimizer.lr=1e-2'];
/** In training, `water` meant the label FAKE; the article has characters of one to four bytes. */
const ARTICLE = { title: 'Niño', text: 'water \u2014 the \u{1f469} price rose.' };

describe.each([
  { name: 'roberta', choice: 'roberta' },
  { name: 'xlm-roberta', choice: 'roberta' },
  { name: 'modernbert', choice: 'modernbert' },
])('fine-tuning a small $name', ({ name, choice }) => {
  let program: ProgramFolder;
  let whole: Trained;
  const checkpoint = CHECKPOINTS + name;
  const train = (scope: string, epochs: number): Promise<Trained> =>
    program.runJson<Trained>(
      'train',
      `model=${choice}`,
      `model.path=${checkpoint}`,
      `train.scope=${scope}`,
      `train.epochs=${epochs}`,
      ...SETTINGS,
    );

  beforeAll(async () => {
    program = new ProgramFolder({ words: 12 });
    whole = await train('all', 8);
  });
  afterAll(() => program.remove());

  it('learns, with all parameters and with adapters', async () => {
    expect(whole.test.loss).toBeLessThan(0.4);
    const adapted = await train('lora', 8);
    expect(adapted.test.loss).toBeLessThan(0.4);
    expect(existsSync(join(adapted.path, 'adapter'))).toBe(true);
  });

  it.each(['head', 'top:1'])('trains with scope %s and gives a model that predicts', async (scope) => {
    const { path, test } = await train(scope, 1);
    expect(test.loss).toBeLessThan(0.8);
    const args = ['predict', '--model', path, '--title', ARTICLE.title, '--text', ARTICLE.text];
    expect(await program.runJson(...args)).toMatchObject({ abstained: expect.any(Boolean) });
  });

  it('saves the tokenizer of the checkpoint unchanged', () => {
    for (const file of ['tokenizer.json', 'tokenizer_config.json'])
      expect(readFileSync(join(whole.path, file))).toEqual(readFileSync(join(checkpoint, file)));
  });

  it('explains a prediction by words at their places in the article', async () => {
    const { explanation } = await program.runJson<{
      explanation: { words: { field: 'title' | 'text'; start: number; end: number }[] };
    }>('predict', '--title', ARTICLE.title, '--text', ARTICLE.text, '--explain');
    const words = explanation.words.map(({ field, start, end }) => ARTICLE[field].slice(start, end));
    expect(words).toEqual(['Niño', 'water', '\u2014', 'the', '\u{1f469}', 'price', 'rose.']);
  });

  it('serves an 8-bit copy', async () => {
    await program.runJson('models', 'export', whole.modelVersion, '--precision', 'int8', '--out', 'small');
    const server = program.start('serve', '--model', 'small', '--port', '0');
    const [, url] = await untilSaid(server, /serving .* at (http:\S+)/);
    const response = await fetch(`${url}/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ARTICLE),
    });
    expect(await response.json()).toMatchObject({ label: 'FAKE' });
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
  });
});
