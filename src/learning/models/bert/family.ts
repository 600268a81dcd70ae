// BERT's entry in the table of families.
import { definePostNormFamily } from '../post-norm/family.ts';
import { parseBertConfig } from './config.ts';

export const bertFamily = definePostNormFamily('bert', ['bert'], parseBertConfig);
