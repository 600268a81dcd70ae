// config.json files of the newer families, in the spellings that published checkpoints and transformers 5 have.
import { describe, expect, it } from 'vitest';
import { parseEncoderConfig } from './families.ts';
import { parseModernBertConfig } from './modernbert/config.ts';

const CLASSES = { classNames: ['FAKE', 'REAL'] };
const SMALL = { hidden_size: 16, intermediate_size: 24, num_attention_heads: 2, vocab_size: 50 };

describe('config.json of a RoBERTa', () => {
  const published = {
    ...{ architectures: ['RobertaForMaskedLM'], model_type: 'roberta', num_hidden_layers: 2, ...SMALL },
    ...{ attention_probs_dropout_prob: 0.1, hidden_act: 'gelu', hidden_dropout_prob: 0.1 },
    ...{ bos_token_id: 0, eos_token_id: 2, pad_token_id: 1, layer_norm_eps: 1e-5 },
    ...{ max_position_embeddings: 514, type_vocab_size: 1 },
  };

  it('gives two positions less than the table has rows', () => {
    expect(parseEncoderConfig(published, 'config.json')).toMatchObject({
      family: 'roberta',
      maxPositions: 512,
      padId: 1,
    });
  });

  it.each([
    ['roberta', 'RobertaForSequenceClassification'],
    ['xlm-roberta', 'XLMRobertaForSequenceClassification'],
  ])('is written back as a classifier of %s', (modelType, architecture) => {
    const definition = parseEncoderConfig({ ...published, model_type: modelType }, 'config.json');
    const { dropout } = definition;
    const written = definition.formatConfig({ ...CLASSES, dropout });
    expect(written).toMatchObject({
      ...{ model_type: modelType, architectures: [architecture], max_position_embeddings: 514 },
      ...{ type_vocab_size: 1, pad_token_id: 1, bos_token_id: 0, eos_token_id: 2, layer_norm_eps: 1e-5 },
      id2label: { 0: 'FAKE', 1: 'REAL' },
    });
    expect(parseEncoderConfig(written, 'config.json').sizes).toEqual(definition.sizes);
  });

  it('is refused where no position is left', () => {
    expect(() =>
      parseEncoderConfig({ ...published, max_position_embeddings: 2 }, 'config.json'),
    ).toThrowError(expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }));
  });
});

describe('config.json of a ModernBERT', () => {
  const published = {
    ...{ model_type: 'modernbert', ...SMALL, num_hidden_layers: 7, max_position_embeddings: 8192 },
    ...{
      global_attn_every_n_layers: 3,
      local_attention: 128,
      global_rope_theta: 160_000,
      local_rope_theta: 10_000,
    },
    ...{ classifier_pooling: 'mean', hidden_activation: 'gelu', norm_eps: 1e-5, pad_token_id: 7 },
    ...{ bos_token_id: 1, cls_token_id: 1, eos_token_id: 2, sep_token_id: 2 },
  };
  const pattern = [true, false, false, true, false, false, true];

  it('gives every third layer global attention, and the others a reach of half the window', () => {
    expect(parseModernBertConfig(published, 'config.json')).toMatchObject({
      pooling: 'mean',
      attention: { isGlobal: pattern, reach: 64, globalTheta: 160_000, localTheta: 10_000 },
    });
  });

  it('means the same in the spelling of transformers 5', () => {
    const {
      global_attn_every_n_layers: _,
      global_rope_theta: __,
      local_rope_theta: ___,
      ...rest
    } = published;
    const newer = {
      ...rest,
      layer_types: pattern.map((isGlobal) => (isGlobal ? 'full_attention' : 'sliding_attention')),
      rope_parameters: {
        full_attention: { rope_type: 'default', rope_theta: 160_000 },
        sliding_attention: { rope_type: 'default', rope_theta: 10_000 },
      },
    };
    expect(parseModernBertConfig(newer, 'c')).toEqual(parseModernBertConfig(published, 'c'));
  });

  it('takes the global angles in local layers where it has no others', () => {
    const { attention } = parseModernBertConfig({ ...published, local_rope_theta: null }, 'config.json');
    expect(attention.localTheta).toBe(160_000);
  });

  it('is written back with its window, angles and special tokens', () => {
    const definition = parseEncoderConfig(published, 'config.json');
    const written = definition.formatConfig({ ...CLASSES, dropout: definition.dropout });
    expect(written).toMatchObject({ ...published, architectures: ['ModernBertForSequenceClassification'] });
  });

  it.each([
    ['a bias in attention', { attention_bias: true }, 'attention_bias'],
    ['a bias in norms', { norm_bias: true }, 'norm_bias'],
    ['another activation', { hidden_activation: 'silu' }, 'silu'],
    [
      'layers in another order',
      { layer_types: pattern.toReversed().map(() => 'sliding_attention') },
      'layer_types',
    ],
  ])('is refused with %s', (_, changed, text) => {
    expect(() => parseEncoderConfig({ ...published, ...changed }, 'config.json')).toThrowError(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED', message: expect.stringContaining(text) }),
    );
  });
});
