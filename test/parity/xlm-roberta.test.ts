// Compares a small XLM-RoBERTa with SentencePiece's Unigram, as Python saved it, with PyTorch.
import { testCheckpoint } from './checkpoint-parity.ts';

testCheckpoint('xlm-roberta', {
  kind: 'unigram',
  padId: 1,
  wordTable: 'roberta.embeddings.word_embeddings.weight',
  widerPlaces: [3],
});
