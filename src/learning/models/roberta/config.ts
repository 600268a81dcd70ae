// RoBERTa's spelling of config.json, names and head; XLM-RoBERTa has the same but for its vocabulary and its name.
// The position of token t is t + pad id + 1; no token has a type, but files hold one row of types, which is added.
// Source: Liu et al. 2019, arXiv 1907.11692; reference implementation: transformers, models/roberta.
import { z } from 'zod';
import { formatLikeBert, readLikeBert, readPadId } from '../bert/config.ts';
import { parseModelConfig, parseModelType, unsupported } from '../config-file.ts';
import { nameLikeBert, type PostNormConfig, type PostNormLayout } from '../post-norm/layout.ts';

/** By model_type, the class of transformers that loads it. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  roberta: 'RobertaForSequenceClassification',
  'xlm-roberta': 'XLMRobertaForSequenceClassification',
};
export const ROBERTA_MODEL_TYPES: readonly string[] = Object.keys(ARCHITECTURES);

export const ROBERTA: PostNormLayout = {
  family: 'roberta',
  names: nameLikeBert('roberta.'),
  head: {
    dense: 'classifier.dense',
    activation: 'Tanh',
    classifier: 'classifier.out_proj',
    dropsInput: true,
  },
  dropsAttended: true,
  adapterHead: ['classifier'],
  bareRoots: /^(embeddings|encoder|pooler)\./,
  prefix: 'roberta.',
  leftovers: /^(roberta\.pooler|lm_head|qa_outputs)\./,
  formatConfig: (config, dropout) => formatLikeBert(config, dropout),
};

/** Defaults are those of transformers' RobertaConfig where they differ from BERT's. */
const fileSchema = z.looseObject({
  vocab_size: z.int().min(1).default(50265),
  bos_token_id: z.int().min(0).nullable().default(0),
  eos_token_id: z.int().min(0).nullable().default(2),
});

const PAD_ID = 1;

/** @throws MODEL_UNSUPPORTED for variants that the graph does not have */
export function parseRobertaConfig(json: unknown, where: string): PostNormConfig {
  const file = parseModelConfig(fileSchema, json, where);
  const sizes = readLikeBert({ ...file }, where);
  const padId = readPadId(json) ?? PAD_ID;
  const positionOffset = padId + 1;
  const maxPositions = sizes.maxPositions - positionOffset;
  if (maxPositions < 1) {
    const expected = `max_position_embeddings above ${positionOffset}, for positions begin behind the pad id`;
    throw unsupported(where, expected, `${sizes.maxPositions}`);
  }
  const modelType = parseModelType(json);
  return {
    layout: ROBERTA,
    ...sizes,
    maxPositions,
    positionOffset,
    padId,
    kept: {
      architectures: [ARCHITECTURES[modelType]],
      model_type: modelType,
      bos_token_id: file.bos_token_id,
      eos_token_id: file.eos_token_id,
    },
  };
}
