// DistilBERT's entry in the table of families.
import { definePostNormFamily } from '../post-norm/family.ts';
import { parseDistilbertConfig } from './config.ts';

export const distilbertFamily = definePostNormFamily('distilbert', ['distilbert'], parseDistilbertConfig);
