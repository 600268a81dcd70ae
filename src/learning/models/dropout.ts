// Adds dropout to a graph. A mask is an input of the graph, so that it depends on (seed, step, site) only.
import type { DropoutSite, Shape, Value } from '../../engine/graph/index.ts';
import type { GraphBuilder } from '../../engine/ops/index.ts';

/** Applies dropout at a named place, in training where the rate is above 0. @param shape  of the mask; default x's */
export type Drop = (x: Value, name: string, rate: number, shape?: Shape) => Value;

/** A function that adds dropout to a graph, and the list of the places where it did. */
export function createDrop(b: GraphBuilder, training: boolean): { drop: Drop; sites: DropoutSite[] } {
  const sites: DropoutSite[] = [];
  const drop: Drop = (x, name, rate, shape = x.shape) => {
    if (!training || rate === 0) return x;
    const mask = b.input(`dropout.${name}`, 'float32', shape);
    sites.push({ input: mask.name, shape, rate });
    return b.mul(x, mask);
  };
  return { drop, sites };
}
