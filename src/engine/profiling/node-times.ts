// Reads the profile that ONNX Runtime writes of a session: the time of each operator in each run.
// Format: a list of trace events; `<node>_kernel_time` in category Node has `args.op_name`, `model_run` in category Session
// encloses a run (onnxruntime/core/common/profiler.cc).
import { appError } from '../../foundation/core/index.ts';

/** What an operator's time goes to. */
export const NODE_KINDS = ['matrix', 'element-wise', 'reduction', 'memory'] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

export interface NodeTime {
  readonly operator: string;
  readonly kind: NodeKind;
  /** Milliseconds since the run's start. */
  readonly startMs: number;
  readonly durationMs: number;
}

/** One run of a session. */
export interface GraphRun {
  readonly durationMs: number;
  readonly nodes: readonly NodeTime[];
}

const MATRIX = /^(?:MatMul|FusedMatMul|Gemm|Conv|MultiHeadAttention|Attention|DynamicQuantize|MatMulInteger)/;
const REDUCTION =
  /^(?:Reduce|Softmax|LogSoftmax|LayerNorm|SimplifiedLayerNorm|SkipLayerNorm|ArgMax|CumSum|TopK)/;
const MEMORY =
  /^(?:Transpose|Reshape|Gather|Scatter|Concat|Slice|Split|Expand|Squeeze|Unsqueeze|Pad|Cast|Memcpy|Identity|Tile|OneHot|Shape|ConstantOfShape|Flatten)/;

/** Groups operators by what limits them: arithmetic, sums along an axis, moving data, or one pass over each element. */
export function kindOfOperator(operator: string): NodeKind {
  if (MATRIX.test(operator)) return 'matrix';
  if (REDUCTION.test(operator)) return 'reduction';
  return MEMORY.test(operator) ? 'memory' : 'element-wise';
}

interface ProfileEvent {
  readonly cat?: unknown;
  readonly name?: unknown;
  readonly ts?: unknown;
  readonly dur?: unknown;
  readonly args?: { readonly op_name?: unknown };
}

/**
 * The runs of a profile, in their order.
 * @param path  names the file in errors
 * @throws FILE_CORRUPT
 */
export function parseNodeTimes(json: string, path: string): GraphRun[] {
  const events = parseEvents(json, path);
  const runs = events.filter(({ name }) => name === 'model_run').sort(byStart);
  const nodes = events
    .filter(({ cat, name }) => cat === 'Node' && String(name).endsWith('_kernel_time'))
    .sort(byStart);
  let next = 0;
  return runs.map((run) => {
    const own: NodeTime[] = [];
    const startMicros = Number(run.ts);
    const endMicros = startMicros + Number(run.dur);
    for (; next < nodes.length && Number(nodes[next]!.ts) < endMicros; next++) {
      const node = nodes[next]!;
      const operator = String(node.args?.op_name ?? 'unknown');
      own.push({
        operator,
        kind: kindOfOperator(operator),
        startMs: (Number(node.ts) - startMicros) / 1000,
        durationMs: Number(node.dur) / 1000,
      });
    }
    return { durationMs: Number(run.dur) / 1000, nodes: own };
  });
}

function parseEvents(json: string, path: string): ProfileEvent[] {
  try {
    const parsed: unknown = JSON.parse(json);
    if (Array.isArray(parsed)) return parsed as ProfileEvent[];
  } catch {
    // told below
  }
  throw appError('FILE_CORRUPT', {
    path,
    expected: 'a profile of ONNX Runtime (a JSON list of events)',
    got: 'something else',
    remedy: 'veracity train profiler=trace',
  });
}

function byStart(a: ProfileEvent, b: ProfileEvent): number {
  return Number(a.ts) - Number(b.ts);
}
