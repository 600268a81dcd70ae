// Operators that move or cut data without arithmetic.

import type { Dim, Value } from '../graph/index.ts';
import { broadcastShapes, int, ints, normalizeAxis, type OpDefinition, shapeMismatch } from './definition.ts';

export const reshape: OpDefinition<'Reshape'> = {
  inferOutputs: ([x], { shape }) => {
    const [before, after] = [x!.shape, shape].map((dims) =>
      dims.reduce<number>((n, d) => (typeof d === 'number' ? n * d : n), 1),
    );
    const named = (dims: readonly Dim[]): string =>
      dims
        .filter((d) => typeof d === 'string')
        .flatMap((d) => d.split('*'))
        .sort()
        .join('*');
    if (before !== after || named(x!.shape) !== named(shape))
      throw shapeMismatch('Reshape', 'as many elements before as after', x!.shape, shape);
    return [{ dtype: x!.dtype, shape }];
  },
  emit: (node, emitter) => {
    const before = node.inputs[0]!.shape;
    const { shape } = node.attributes;
    // 0 copies the dimension at the same place; one -1 is worked out by the runtime.
    const target = shape.map((dim, i) => (typeof dim === 'number' ? dim : before[i] === dim ? 0 : -1));
    const tensor =
      target.filter((dim) => dim === -1).length <= 1 ? emitter.int64(target) : emitter.shapeTensor(shape);
    emitter.emit(node, 'Reshape', {}, { inputs: [node.inputs[0]!.name, tensor] });
  },
};

export const transpose: OpDefinition<'Transpose'> = {
  inferOutputs: ([x], { permutation }) => {
    const { dtype, shape } = x!;
    const valid =
      permutation.length === shape.length &&
      [...permutation].sort((a, b) => a - b).every((axis, i) => axis === i);
    if (!valid)
      throw shapeMismatch('Transpose', `a permutation of its axes, not (${permutation.join(', ')})`, shape);
    return [{ dtype, shape: permutation.map((axis) => shape[axis]!) }];
  },
  emit: (node, emitter) => emitter.emit(node, 'Transpose', { perm: ints(node.attributes.permutation) }),
};

export const concat: OpDefinition<'Concat'> = {
  inferOutputs: (inputs, { axis }) => {
    const first = inputs[0]!;
    const at = normalizeAxis('Concat', axis, first.shape);
    let total = 0;
    for (const { shape } of inputs) {
      const dim = shape[at];
      const alike =
        shape.length === first.shape.length && shape.every((d, i) => i === at || d === first.shape[i]);
      if (typeof dim !== 'number' || !alike)
        throw shapeMismatch('Concat', `equal shapes but for a known size of axis ${at}`, first.shape, shape);
      total += dim;
    }
    return [{ dtype: first.dtype, shape: first.shape.with(at, total) }];
  },
  emit: (node, emitter) => emitter.emit(node, 'Concat', { axis: int(node.attributes.axis) }),
};

export const split: OpDefinition<'Split'> = {
  inferOutputs: ([x], { axis, sizes }) => {
    const { dtype, shape } = x!;
    const at = normalizeAxis('Split', axis, shape);
    if (shape[at] !== sizes.reduce((sum, size) => sum + size, 0))
      throw shapeMismatch('Split', `axis ${at} to be cut into ${sizes.join(' + ')}`, shape);
    return sizes.map((size) => ({ dtype, shape: shape.with(at, size) }));
  },
  emit: (node, emitter) => {
    const { axis, sizes } = node.attributes;
    emitter.emit(
      node,
      'Split',
      { axis: int(axis) },
      { inputs: [node.inputs[0]!.name, emitter.int64(sizes)] },
    );
  },
};

export const slice: OpDefinition<'Slice'> = {
  inferOutputs: ([x], { axis, start, end }) => {
    const { dtype, shape } = x!;
    const at = normalizeAxis('Slice', axis, shape);
    const dim = shape[at]!;
    if (start < 0 || end <= start || (typeof dim === 'number' && end > dim))
      throw shapeMismatch('Slice', `[${start}, ${end}) within axis ${at}`, shape);
    return [{ dtype, shape: shape.with(at, end - start) }];
  },
  emit: (node, emitter) => {
    const { axis, start, end } = node.attributes;
    const inputs = [
      node.inputs[0]!.name,
      emitter.int64([start]),
      emitter.int64([end]),
      emitter.int64([axis]),
    ];
    emitter.emit(node, 'Slice', {}, { inputs });
  },
};

export const padLike: OpDefinition<'PadLike'> = {
  inferOutputs: ([x, like]) => {
    if (x!.shape.length !== like!.shape.length)
      throw shapeMismatch('PadLike', 'equal ranks', x!.shape, like!.shape);
    return [{ dtype: x!.dtype, shape: like!.shape }];
  },
  emit: (node, emitter) => {
    const [x, like] = [node.inputs[0]!, node.inputs[1]!];
    const { axis, start } = node.attributes;
    const rank = x.shape.length;
    const sizeOf = (value: Value): string =>
      emitter.emitHelper('Gather', [emitter.emitHelper('Shape', [value.name]), emitter.int64([axis])]);
    const own = x.shape[axis]!;
    const behind =
      typeof own === 'number'
        ? emitter.emitHelper('Sub', [sizeOf(like), emitter.int64([start + own])])
        : emitter.emitHelper('Sub', [
            sizeOf(like),
            emitter.emitHelper('Add', [sizeOf(x), emitter.int64([start])]),
          ]);
    const zeros = (count: number): string[] =>
      count === 0 ? [] : [emitter.int64(new Array<number>(count).fill(0))];
    const parts = [
      ...zeros(axis),
      emitter.int64([start]),
      ...zeros(rank - 1),
      behind,
      ...zeros(rank - axis - 1),
    ];
    const pads = emitter.emitHelper('Concat', parts, { axis: int(0) });
    emitter.emit(node, 'Pad', {}, { inputs: [x.name, pads] });
  },
};

export const expandLike: OpDefinition<'ExpandLike'> = {
  inferOutputs: ([x, like]) => {
    const shape = broadcastShapes('ExpandLike', x!.shape, like!.shape);
    if (shape.length !== like!.shape.length)
      throw shapeMismatch('ExpandLike', 'a shape that broadcasts to the second', x!.shape, like!.shape);
    return [{ dtype: x!.dtype, shape: like!.shape }];
  },
  emit: (node, emitter) => {
    const [x, like] = [node.inputs[0]!, node.inputs[1]!];
    emitter.emit(node, 'Expand', {}, { inputs: [x.name, emitter.emitHelper('Shape', [like.name])] });
  },
};
