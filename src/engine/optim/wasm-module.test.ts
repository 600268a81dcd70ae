import { describe, expect, it } from 'vitest';
import { add, buildWasmModule, defineLoop, mul } from './wasm-module.ts';

declare const WebAssembly: {
  readonly Memory: new (limits: {
    initial: number;
    maximum: number;
    shared: boolean;
  }) => {
    readonly buffer: ArrayBuffer;
  };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const axpy = defineLoop({
  name: 'axpy',
  arrays: 2,
  scalars: ['a'],
  locals: ['x'],
  body: ({ load, store, scalars, locals: { x } }) => [
    x.set(load(0)),
    store(1, add(mul(x.get, scalars.a), load(1))),
  ],
});

function start(shared: boolean) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
  const module = new WebAssembly.Module(buildWasmModule([axpy], shared));
  const { axpy: run, sumSquares } = new WebAssembly.Instance(module, { kernel: { memory } }).exports as {
    axpy: (bytes: number, x: number, y: number, a: number) => void;
    sumSquares: (bytes: number, address: number) => number;
  };
  return { floats: new Float32Array(memory.buffer), run, sumSquares };
}

describe('buildWasmModule', () => {
  it.each([0, 4, 12, 16, 20, 32, 100])('runs a loop over %i elements and no further', (length) => {
    for (const shared of [false, true]) {
      const { floats, run, sumSquares } = start(shared);
      const [x, y] = [16, 400];
      for (let i = 0; i < floats.length; i++) floats[i] = i % 13;
      const expected = floats.slice();
      for (let i = 0; i < length; i++) expected[y + i]! += expected[x + i]! * 2;
      run(length * 4, x * 4, y * 4, 2);
      expect(floats.every((value, i) => value === expected[i])).toBe(true);
      const squares = expected.slice(y, y + length).reduce((sum, value) => sum + value * value, 0);
      expect(sumSquares(length * 4, y * 4)).toBe(squares);
    }
  });

  it('stays small', () => {
    expect(buildWasmModule([axpy], false).length).toBeLessThan(1000);
  });
});
