// Compares a small RoBERTa with byte-level BPE, as Python saved it, with PyTorch. It pads with token 1 and counts positions
// from there.
import { testCheckpoint } from './checkpoint-parity.ts';

testCheckpoint('roberta', {
  kind: 'byte-bpe',
  padId: 1,
  wordTable: 'roberta.embeddings.word_embeddings.weight',
  widerPlaces: [],
});
