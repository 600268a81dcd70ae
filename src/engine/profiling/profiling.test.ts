import { describe, expect, it } from 'vitest';
import { formatChromeTrace } from './chrome-trace.ts';
import { startFunctionProfile, summarizeFunctions } from './function-profile.ts';
import { kindOfOperator, parseNodeTimes } from './node-times.ts';

describe('the profile of ONNX Runtime', () => {
  const event = (cat: string, name: string, ts: number, dur: number, op?: string) => ({
    ...{ cat, name, ts, dur, ph: 'X' },
    args: op === undefined ? {} : { op_name: op },
  });

  it('is read run by run, operators with their time since the run began', () => {
    const json = JSON.stringify([
      event('Session', 'model_loading_array', 0, 50),
      event('Node', 'b_kernel_time', 2200, 300, 'Gelu'),
      event('Session', 'model_run', 1000, 900),
      event('Node', 'a_fence_before', 1000, 1, 'MatMul'),
      event('Node', 'a_kernel_time', 1100, 700, 'MatMul'),
      event('Session', 'model_run', 2000, 600),
    ]);
    expect(parseNodeTimes(json, 'p.json')).toEqual([
      { durationMs: 0.9, nodes: [{ operator: 'MatMul', kind: 'matrix', startMs: 0.1, durationMs: 0.7 }] },
      { durationMs: 0.6, nodes: [{ operator: 'Gelu', kind: 'element-wise', startMs: 0.2, durationMs: 0.3 }] },
    ]);
  });

  it.each([
    ['FusedMatMul', 'matrix'],
    ['Gemm', 'matrix'],
    ['Mul', 'element-wise'],
    ['Erf', 'element-wise'],
    ['ReduceSum', 'reduction'],
    ['LayerNormalization', 'reduction'],
    ['Transpose', 'memory'],
    ['GatherElements', 'memory'],
  ])('counts %s as %s', (operator, kind) => {
    expect(kindOfOperator(operator)).toBe(kind);
  });

  it('is refused if it is something else', () => {
    for (const text of ['{', '{"a":1}'])
      expect(() => parseNodeTimes(text, 'p.json')).toThrow(expect.objectContaining({ code: 'FILE_CORRUPT' }));
  });
});

describe('a timeline', () => {
  it('has microseconds since the first span, names of threads, and spans in order', () => {
    const span = { category: 'step', thread: 'main' as const };
    const trace = JSON.parse(
      formatChromeTrace([
        { ...span, name: 'late', startMs: 1002.5, durationMs: 0.25, details: { step: 2 } },
        { ...span, name: 'early', thread: 'training', startMs: 1000, durationMs: 2 },
      ]),
    );
    const spans = trace.traceEvents.filter((event: { ph: string }) => event.ph === 'X');
    expect(spans).toMatchObject([
      { name: 'early', tid: 2, ts: 0, dur: 2000 },
      { name: 'late', tid: 1, ts: 2500, dur: 250, args: { step: 2 } },
    ]);
    expect(trace.traceEvents).toContainEqual(
      expect.objectContaining({ ph: 'M', tid: 2, args: { name: 'training thread' } }),
    );
  });
});

describe('a profile by function', () => {
  it('names the function that took the time, with file and line', async () => {
    const end = await startFunctionProfile();
    const untilMs = performance.now() + 250; // a busy machine gives it a part of this
    let sum = 0;
    function burnTime(): void {
      while (performance.now() < untilMs) for (let i = 0; i < 1e4; i++) sum += Math.sqrt(i);
    }
    burnTime();
    const functions = summarizeFunctions(await end());
    const burnt = functions.find(({ name }) => name === 'burnTime');
    expect(sum).toBeGreaterThan(0);
    expect(burnt?.selfMs).toBeGreaterThan(20);
    expect(burnt?.place).toMatch(/^profiling\/profiling\.test\.ts:\d+$/);
    expect(functions.map(({ name }) => name)).not.toContain('(idle)');
  });
});
