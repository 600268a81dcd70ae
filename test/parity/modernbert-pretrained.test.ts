// Compares a small ModernBERT of the pretrained kind with PyTorch: every third layer global, the others local with a window of
// four tokens on either side, two bases of rotary angles, the first token pooled, byte-level BPE over NFC.
import { testCheckpoint } from './checkpoint-parity.ts';

testCheckpoint('modernbert', {
  kind: 'byte-bpe',
  padId: 352,
  wordTable: 'model.embeddings.tok_embeddings.weight',
  widerPlaces: [3],
});
