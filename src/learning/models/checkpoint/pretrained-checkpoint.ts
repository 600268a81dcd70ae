// A pretrained encoder on disk, in Hugging Face's layout, opened: what its config.json defines and which tensors it holds.
import type { EncoderDefinition } from '../encoder-definition.ts';
import type { StoredTensor } from './weight-files.ts';

/** No tensor has been read yet. */
export interface PretrainedCheckpoint {
  readonly folder: string;
  readonly definition: EncoderDefinition;
  /** What a classifier in it tells apart; null: it does not say. */
  readonly classNames: readonly string[] | null;
  /** sha256 of the weights: of model.safetensors, or of the list of its shards' digests. */
  readonly sha256: string;
  /** By the name the tensor is stored under. */
  readonly stored: ReadonlyMap<string, StoredTensor>;
}
