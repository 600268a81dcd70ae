// Rows of a table by index, and its gradient.
import { ONNX_DTYPES } from '../graph/index.ts';
import { int, type OpDefinition, shapeMismatch } from './definition.ts';

export const gather: OpDefinition<'Gather'> = {
  inferOutputs: ([table, indices]) => {
    if (table!.shape.length !== 2) throw shapeMismatch('Gather', 'a table [V, D]', table!.shape);
    return [{ dtype: table!.dtype, shape: [...indices!.shape, table!.shape[1]!] }];
  },
  emit: (node, emitter) => emitter.emit(node, 'Gather', { axis: int(0) }),
};

export const firstRows: OpDefinition<'FirstRows'> = {
  inferOutputs: ([table, like]) => {
    if (table!.shape.length !== 2 || like!.shape.length === 0)
      throw shapeMismatch('FirstRows', 'a table [V, D] and [..., T]', table!.shape, like!.shape);
    return [{ dtype: table!.dtype, shape: [like!.shape.at(-1)!, table!.shape[1]!] }];
  },
  emit: (node, emitter) => {
    const [table, like] = [node.inputs[0]!, node.inputs[1]!];
    const rows = emitter.emitHelper('Gather', [
      emitter.emitHelper('Shape', [like.name]),
      emitter.int64([like.shape.length - 1]),
    ]);
    const inputs = [table.name, emitter.int64([0]), rows, emitter.int64([0])];
    emitter.emit(node, 'Slice', {}, { inputs });
  },
};

export const scatterAdd: OpDefinition<'ScatterAdd'> = {
  inferOutputs: ([indices, updates, table]) => {
    const width = table!.shape[1]!;
    if (updates!.shape.length !== indices!.shape.length + 1 || updates!.shape.at(-1) !== width) {
      throw shapeMismatch(
        'ScatterAdd',
        `updates of shape [...indices, ${width}]`,
        indices!.shape,
        updates!.shape,
      );
    }
    return [{ dtype: updates!.dtype, shape: table!.shape }];
  },
  emit: (node, emitter) => {
    const [indices, updates, table] = [node.inputs[0]!, node.inputs[1]!, node.inputs[2]!];
    const zeros = emitter.emitHelper('ConstantOfShape', [emitter.shapeTensor(table.shape)]);
    const rows = emitter.emitHelper('Cast', [indices.name], { to: int(ONNX_DTYPES.int64) });
    const inputs = [
      zeros,
      emitter.emitHelper('Reshape', [rows, emitter.int64([-1, 1])]),
      emitter.emitHelper('Reshape', [updates.name, emitter.int64([-1, Number(table.shape[1])])]),
    ];
    emitter.emit(node, 'ScatterND', { reduction: { type: 'string', value: 'add' } }, { inputs });
  },
};
