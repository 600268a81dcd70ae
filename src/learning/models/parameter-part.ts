// The part of a model that a parameter belongs to: embeddings, one of L layers, the norm after them, or the head. It follows
// from the names that transformers gives.

export type ParameterPart =
  | { readonly kind: 'embeddings' }
  | { readonly kind: 'head' }
  | { readonly kind: 'final norm' }
  | { readonly kind: 'layer'; readonly index: number };

/** The part that holds the parameter of this name. */
export function partOf(name: string): ParameterPart {
  if (name.includes('.embeddings.')) return { kind: 'embeddings' };
  const layer = /\.layers?\.(\d+)\./.exec(name);
  if (layer !== null) return { kind: 'layer', index: Number(layer[1]) };
  return { kind: name.includes('.final_norm.') ? 'final norm' : 'head' };
}
