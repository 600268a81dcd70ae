// Uses the engine alone: builds a graph, differentiates it, runs it with ONNX Runtime, and compares one gradient with a
// central difference. Loss = mean of log(1 + exp(-y * (x . w))), logistic regression on four points.
// npx tsx examples/autodiff.ts
import {
  createInferenceSession,
  differentiate,
  float32Tensor,
  GraphBuilder,
  lowerToOnnx,
  writeOnnx,
} from 'veracity/engine';

const b = new GraphBuilder();
const x = b.input('x', 'float32', [4, 2]);
const y = b.input('y', 'float32', [4, 1]);
const w = b.parameter('w', [2, 1]);
const margin = b.mul(b.matMul(x, w), y); // [4, 1]
const perPoint = b.unary('Neg', b.unary('Log', b.unary('Sigmoid', margin))); // [4, 1]
const loss = b.reduceMean(perPoint, [0, 1], false); // []
const gradient = differentiate(b, loss, [w]).get(w);
if (gradient === undefined) throw new Error('the loss depends on w');

const model = lowerToOnnx(b.graph, { outputs: { loss, gradient } });
console.log(`${model.nodes.length} ONNX nodes for the loss and its gradient`);
const session = await createInferenceSession(Buffer.concat(writeOnnx(model)), { threads: 1, inline: true });

const points = float32Tensor([4, 2], Float32Array.of(1, 2, 2, 1, -1, -2, -2, 0.5));
const labels = float32Tensor([4, 1], Float32Array.of(1, 1, -1, -1));
const evaluate = async (weights: readonly number[]) => {
  const outputs = await session.run({
    x: points,
    y: labels,
    w: float32Tensor([2, 1], Float32Array.from(weights)),
  });
  const read = (name: string): number[] => Array.from(outputs[name]?.data ?? [], Number);
  return { loss: read('loss')[0] ?? Number.NaN, gradient: read('gradient') };
};

const step = 1e-2;
const here = await evaluate([0.5, -0.25]);
const above = await evaluate([0.5 + step, -0.25]);
const below = await evaluate([0.5 - step, -0.25]);
console.log(
  `dloss/dw0: autodiff ${here.gradient[0]?.toFixed(5)}, central difference ${((above.loss - below.loss) / (2 * step)).toFixed(5)}`,
);

let weights = [0.5, -0.25];
for (let i = 0; i < 50; i++) {
  const { gradient: slope } = await evaluate(weights);
  weights = weights.map((weight, k) => weight - (slope[k] ?? 0));
}
console.log(
  `loss ${here.loss.toFixed(4)} -> ${(await evaluate(weights)).loss.toFixed(4)} after 50 steps of gradient descent`,
);
await session.dispose();
