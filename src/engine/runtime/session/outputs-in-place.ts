// onnxruntime-node 1.30 lets the runtime write outputs into the caller's arrays, and then copies every one of them once
// more into a new array that it returns: 172 MB a step of DistilBERT's size. It does so one after the other, and stops at
// the first that it cannot name in JavaScript, a list of tensors. So such a list, empty, is put before all others: when
// the binding throws on it, the run is over and the caller's arrays are filled. A binding that copies no more (pull
// request 32346 of ONNX Runtime) or knows lists throws nothing, which is as well.
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
