// A separate process that tries one device: it runs a small graph there and on the processor, compares and measures.
// A driver that crashes ends this process only. Started by device.ts; prints one line of JSON.
import { createRandom } from '../../../foundation/core/index.ts';
import { float32Tensor, type TensorData, writeOnnx } from '../../graph/index.ts';
import { createOnnxSession, DEVICES, type Device } from '../session/index.ts';
import type { ProbeAnswer } from './device.ts';

const SIZE = 512;
/** Enough arithmetic (1.1 billion operations) that copies to and from the device do not dominate. */
const PRODUCTS = 4;
const REPEATS = 3;
/** A graphics card emulated by the processor needs seconds for one run: after this time no run is repeated. */
const REPEAT_LIMIT_MS = 1_000;

async function probe(device: Device): Promise<ProbeAnswer> {
  const model = writeProbe();
  // Values of about 1 stay about 1: each product sums SIZE terms of mean square 1 / SIZE.
  const random = createRandom(7);
  const fill = (height: number): TensorData =>
    float32Tensor(
      [SIZE, SIZE],
      Float32Array.from({ length: SIZE * SIZE }, () => (2 * random.next() - 1) * height),
    );
  const inputs = { x: fill(Math.sqrt(3)), w: fill(Math.sqrt(3 / SIZE)) };
  const expected = await measure(model, 'cpu', inputs);
  const found = await measure(model, device, inputs);
  let largest = 0;
  let difference = 0;
  for (const [i, value] of expected.output.entries()) {
    largest = Math.max(largest, Math.abs(value));
    const apart = Math.abs(value - found.output[i]!);
    if (!(apart <= difference)) difference = apart; // NaN must not pass for small
  }
  return { relativeDifference: difference / largest, cpuMs: expected.ms, deviceMs: found.ms };
}

async function measure(
  model: Uint8Array,
  device: Device,
  inputs: Readonly<Record<string, TensorData>>,
): Promise<{ output: Float32Array; ms: number }> {
  const session = await createOnnxSession(model, { threads: 0, device });
  let output = new Float32Array();
  let ms = Number.POSITIVE_INFINITY;
  const beginMs = performance.now();
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    if (repeat > 1 && performance.now() - beginMs > REPEAT_LIMIT_MS) break;
    const startMs = performance.now();
    output = (await session.run(inputs)).y!.data as Float32Array<ArrayBuffer>;
    if (repeat > 0) ms = Math.min(ms, performance.now() - startMs); // the first run compiles kernels
  }
  await session.dispose();
  return { output, ms };
}

/** y = x w w w w, [SIZE, SIZE] */
function writeProbe(): Uint8Array {
  const shape = [SIZE, SIZE];
  const nodes = Array.from({ length: PRODUCTS }, (_, i) => {
    const output = i === PRODUCTS - 1 ? 'y' : `y${i}`;
    const inputs = [i === 0 ? 'x' : `y${i - 1}`, 'w'];
    return { name: output, opType: 'MatMul', domain: '', inputs, outputs: [output], attributes: {} };
  });
  const model = {
    irVersion: 9,
    producer: 'veracity',
    opsets: { '': 20 },
    graphName: 'probe',
    nodes,
    initializers: new Map<string, TensorData>(),
    inputs: ['x', 'w'].map((name) => ({ name, dtype: 'float32' as const, shape })),
    outputs: [{ name: 'y', dtype: 'float32' as const, shape }],
  };
  return new Uint8Array(Buffer.concat(writeOnnx(model)));
}

const device = DEVICES.find((name) => name === process.argv[2]);
const answer =
  device === undefined
    ? { problem: `expected one of ${DEVICES.join(', ')}` }
    : await probe(device).catch((error: unknown) => {
        // ONNX Runtime's own message, uncut.
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        return { problem: cause instanceof Error ? cause.message : String(cause) };
      });
process.stdout.write(`${JSON.stringify(answer)}\n`);
