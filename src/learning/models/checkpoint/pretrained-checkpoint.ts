// An opened checkpoint of a pretrained encoder: what its config.json defines and which tensors its files hold.
import type { EncoderDefinition } from '../encoder-definition.ts';
import type { StoredTensor } from './weight-files.ts';

/** No tensor has been read yet. */
export interface PretrainedCheckpoint {
  readonly folder: string;
  readonly definition: EncoderDefinition;
  /** Classes of the classifier in it; null: the file does not name them. */
  readonly classNames: readonly string[] | null;
  /** sha256 of the weights: of model.safetensors, or of the list of its shards' digests. */
  readonly sha256: string;
  /** Tensors by the names under which they are stored. */
  readonly stored: ReadonlyMap<string, StoredTensor>;
}
