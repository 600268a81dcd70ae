import { describe, expect, it } from 'vitest';
import { loadTrainConfig } from '../../src/workflows/configuration/index.ts';

describe('experiment=predecessor', () => {
  it('has the settings of the predecessor', () => {
    const { config } = loadTrainConfig(['experiment=predecessor', 'data=isot', 'data.path=FOLDER'], {
      workingDirectory: process.cwd(),
    });
    expect(config.model).toMatchObject({
      kind: 'distilbert',
      path: 'distilbert-base-uncased',
      head: 'linear',
      max_length: 256,
    });
    expect(config.train).toMatchObject({ scope: 'head', epochs: 35, batch_size: 64, accumulate: 1 });
    expect(config.train.max_tokens).toBeGreaterThanOrEqual(64 * 256);
    expect(config.optimizer).toMatchObject({ kind: 'adamw', lr: 3.737e-5, weight_decay: 0.001 });
    expect(config.schedule).toMatchObject({ kind: 'constant', warmup: 0 });
    expect(config.data).toMatchObject({ kind: 'isot', path: 'FOLDER', split: { validation: 0.2, test: 0 } });
    expect(config.seed).toBe(42);
  });
});
