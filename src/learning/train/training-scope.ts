// Decides which parameters of a pretrained model are trained, and how fast each layer learns. Both follow from the name:
// embeddings, one of L layers, or the head (pooler and classifier).
import { appError } from '../../foundation/core/index.ts';
import { isLoraName, type LoraOptions, listCheckpointChoices, partOf } from '../models/index.ts';

export type TrainingScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'head' }
  | { readonly kind: 'lora' }
  /** The last `layers` layers and the head. */
  | { readonly kind: 'top'; readonly layers: number };

/** How a model is trained: which part of it, how fast, and at what cost of memory and time. */
export interface FineTuning {
  readonly scope: TrainingScope;
  /** Used with scope lora. */
  readonly lora: LoraOptions;
  /** Learning rate of a layer as a share of the rate of the layer above. */
  readonly layerDecay: number;
  /** Layers keep only their input; the backward pass computes the rest again. */
  readonly gradientCheckpointing: boolean;
}

/** Reads `head`, `top:K`, `all` or `lora`; the configuration's schema admits nothing else. */
export function parseTrainingScope(text: string): TrainingScope {
  if (text.startsWith('top:')) return { kind: 'top', layers: Number(text.slice(4)) };
  return { kind: text === 'head' || text === 'lora' ? text : 'all' };
}

/**
 * Refuses settings that the model cannot use, before any article is read.
 * @param model  its kind, its layers (L), and whether it starts from pretrained weights
 * @throws SETTING_UNSUPPORTED
 */
export function assertTrainable(
  ways: Pick<FineTuning, 'scope' | 'layerDecay' | 'gradientCheckpointing'>,
  model: { readonly kind: string; readonly layers: number; readonly pretrained: boolean },
): void {
  const { scope, layerDecay, gradientCheckpointing } = ways;
  const refuse = (key: string, expected: string, got: string, remedy: string): Error =>
    appError('SETTING_UNSUPPORTED', { key, expected, got, remedy });
  const { kind, layers } = model;
  if (scope.kind !== 'all' && !model.pretrained) {
    const expected = `all with model=${kind}, which starts from random weights`;
    throw refuse(
      'train.scope',
      expected,
      scope.kind,
      `Leave it out, or choose a pretrained model: model=${listCheckpointChoices().join(' or model=')}.`,
    );
  }
  if (scope.kind === 'top' && scope.layers > layers) {
    const expected = `top:1 to top:${layers} for a model of ${layers} layers`;
    throw refuse(
      'train.scope',
      expected,
      `top:${scope.layers}`,
      'train.scope=all also trains the embeddings.',
    );
  }
  if (layers > 0) return;
  const expected = `no other value than the default with model=${kind}, which has no layers`;
  if (layerDecay !== 1) throw refuse('train.layer_decay', expected, `${layerDecay}`, 'Leave it out.');
  if (gradientCheckpointing) throw refuse('train.gradient_checkpointing', expected, 'true', 'Leave it out.');
}

/**
 * Tells by parameter name what is trained.
 * @param layers  L
 */
export function selectTrained(scope: TrainingScope, layers: number): (name: string) => boolean {
  switch (scope.kind) {
    case 'all':
      return () => true;
    case 'head':
      return (name) => partOf(name).kind === 'head';
    case 'lora':
      return (name) => isLoraName(name) || partOf(name).kind === 'head';
    case 'top':
      return (name) => {
        const part = partOf(name);
        if (part.kind === 'layer') return part.index >= layers - scope.layers;
        return part.kind !== 'embeddings';
      };
  }
}

/**
 * Shares of the learning rate by parameter: decay^depth. Depth is 0 for the head and the norm before it, 1 for the last
 * layer, L for the first and L + 1 for the embeddings (ELECTRA's layer-wise decay: Clark et al. 2020, arXiv 2003.10555).
 * @returns null if every rate is the same
 */
export function scaleLearningRates(
  names: Iterable<string>,
  layers: number,
  decay: number,
): ReadonlyMap<string, number> | null {
  if (decay === 1) return null;
  return new Map(
    [...names].map((name) => {
      const part = partOf(name);
      const depth = part.kind === 'layer' ? layers - part.index : part.kind === 'embeddings' ? layers + 1 : 0;
      return [name, decay ** depth];
    }),
  );
}
