// RoBERTa's entry in the table of families; XLM-RoBERTa's checkpoints are of this family.
import { definePostNormFamily } from '../post-norm/family.ts';
import { parseRobertaConfig, ROBERTA_MODEL_TYPES } from './config.ts';

export const robertaFamily = definePostNormFamily('roberta', ROBERTA_MODEL_TYPES, parseRobertaConfig);
