// Rotary position embedding (Su et al. 2021), halves rotated as in GPT-NeoX and ModernBERT. ONNX Runtime's own
// operator: one pass where Slice, Neg, Concat, Mul and Add would be five.
import { int, type OpDefinition, shapeMismatch } from './definition.ts';

export const rotaryEmbedding: OpDefinition<'RotaryEmbedding'> = {
  inferOutputs: ([x, cos, sin]) => {
    const [width, half] = [x!.shape[2], cos!.shape[1]];
    if (
      x!.shape.length !== 3 ||
      typeof width !== 'number' ||
      typeof half !== 'number' ||
      width % (2 * half) !== 0
    ) {
      throw shapeMismatch('RotaryEmbedding', 'x [B, T, H * Dh] and cos [maxT, Dh / 2]', x!.shape, cos!.shape);
    }
    if (sin!.shape.length !== 2 || sin!.shape[1] !== half)
      throw shapeMismatch('RotaryEmbedding', 'cos and sin alike', cos!.shape, sin!.shape);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: (node, emitter) => {
    const [x, cos, sin] = [node.inputs[0]!, node.inputs[1]!, node.inputs[2]!];
    // Rotating back by the same angle is rotating by the negative one.
    const sine = node.attributes.inverse ? emitter.emitHelper('Neg', [sin.name]) : sin.name;
    const inputs = [x.name, emitter.int64([0]), cos.name, sine];
    emitter.emit(node, 'RotaryEmbedding', { interleaved: int(0) }, { domain: 'com.microsoft', inputs });
  },
};
