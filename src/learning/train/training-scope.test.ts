import { describe, expect, it } from 'vitest';
import { assertTrainable, parseTrainingScope, scaleLearningRates, selectTrained } from './training-scope.ts';

const pretrained = { kind: 'bert', layers: 6, pretrained: true };
const ways = { scope: parseTrainingScope('all'), layerDecay: 1, gradientCheckpointing: false };
const refusal = (
  changed: { scope?: string; layerDecay?: number; gradientCheckpointing?: boolean },
  model: typeof pretrained,
): unknown => {
  try {
    const scope = parseTrainingScope(changed.scope ?? 'all');
    assertTrainable({ ...ways, ...changed, scope }, model);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('assertTrainable', () => {
  it('accepts scopes that fit the model', () => {
    for (const scope of ['all', 'head', 'lora', 'top:1', 'top:6'])
      expect(refusal({ scope }, pretrained)).toBeNull();
    const compact = { kind: 'compact', layers: 4, pretrained: false };
    expect(refusal({ layerDecay: 0.9, gradientCheckpointing: true }, compact)).toBeNull();
  });

  it('refuses other scopes, and names those that fit', () => {
    const linear = { kind: 'linear', layers: 0, pretrained: false };
    expect(refusal({ scope: 'top:7' }, pretrained)).toMatch(
      /train.scope: expected top:1 to top:6 .* got top:7/,
    );
    expect(refusal({ scope: 'head' }, linear)).toMatch(/train.scope: expected all with model=linear/);
    expect(refusal({ layerDecay: 0.5 }, linear)).toMatch(/train.layer_decay: .* got 0.5/);
    expect(refusal({ gradientCheckpointing: true }, linear)).toMatch(/train.gradient_checkpointing/);
  });
});

describe('selectTrained', () => {
  const names = [
    'distilbert.embeddings.LayerNorm.weight',
    'distilbert.transformer.layer.0.ffn.lin1.weight',
    'distilbert.transformer.layer.1.ffn.lin1.weight',
    'distilbert.transformer.layer.1.attention.q_lin.lora_A.weight',
    'pre_classifier.weight',
  ];
  it.each([
    ['all', [0, 1, 2, 3, 4]],
    ['head', [4]],
    ['top:1', [2, 3, 4]],
    ['top:2', [1, 2, 3, 4]],
    ['lora', [3, 4]],
  ])('%s', (scope, trained) => {
    const isTrained = selectTrained(parseTrainingScope(scope), 2);
    expect(names.flatMap((name, i) => (isTrained(name) ? [i] : []))).toEqual(trained);
  });
});

describe('scaleLearningRates', () => {
  it('counts depth from the head, also in ModernBERT', () => {
    const names = ['classifier.bias', 'model.final_norm.weight', 'model.layers.1.mlp.Wi.weight'];
    const more = ['model.layers.0.attn.Wo.weight', 'model.embeddings.norm.weight'];
    expect([...scaleLearningRates([...names, ...more], 2, 0.5)!.values()]).toEqual([1, 1, 0.5, 0.25, 0.125]);
    expect(scaleLearningRates(names, 2, 1)).toBeNull();
  });
});
