// Avoids a copy of every output. onnxruntime-node 1.30 lets the runtime write outputs into the caller's arrays, and then
// copies each of them into a new array that it returns: 172 MB per step of DistilBERT's size. It copies them in order and
// throws at the first that JavaScript cannot represent, a list of tensors. So an empty list becomes the first output: when
// the binding throws, the run is over and the caller's arrays are filled. A binding that no longer copies (pull request
// 32346 of ONNX Runtime) or supports lists does not throw, and works as well.
import { parseOnnx, writeOnnx } from '../../graph/index.ts';

/** The output that the binding stops at. */
export const COPIES_END = 'copies_end';

const REFUSAL = 'Non tensor type is temporarily not supported';

/** The same model with an empty list as its first output. */
export function endCopies(bytes: Uint8Array): Uint8Array {
  const model = parseOnnx(bytes);
  const list = { name: COPIES_END, dtype: 'float32', shape: [], isSequence: true } as const;
  const node = {
    ...{ name: COPIES_END, opType: 'SequenceEmpty', domain: '' },
    ...{ inputs: [], outputs: [COPIES_END], attributes: {} },
  };
  const chunks = writeOnnx({ ...model, nodes: [node, ...model.nodes], outputs: [list, ...model.outputs] });
  return new Uint8Array(Buffer.concat(chunks));
}

/** Whether an error of the binding says that a run is over and its outputs are not copied. */
export function isEndOfCopies(error: unknown): boolean {
  return error instanceof Error && error.message.includes(REFUSAL);
}
