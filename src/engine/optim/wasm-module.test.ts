import { describe, expect, it } from 'vitest';
import { add, buildWasmModule, defineLoop, mul } from './wasm-module.ts';

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const axpy = defineLoop({
  name: 'axpy',
  scalars: ['a'],
  locals: ['x'],
  body: ({ load, store, scalars, locals: { x } }) => [
    x.set(load(0)),
    store(1, add(mul(x.get, scalars.a), load(1))),
  ],
});

describe('buildWasmModule', () => {
  it.each([64, 4096, 1 << 20])('runs a loop over slots of %i bytes', (slotBytes) => {
    const bytes = buildWasmModule({ slots: 2, slotBytes }, [axpy]);
    const { memory, axpy: run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as {
      memory: { buffer: ArrayBuffer };
      axpy: (bytes: number, a: number) => void;
    };
    const [x, y] = [0, 1].map((slot) => new Float32Array(memory.buffer, slot * slotBytes, slotBytes / 4));
    x!.fill(3);
    y!.fill(1);
    run(20, 2); // five elements: two instructions, so eight
    expect([...y!.subarray(0, 10)]).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 1, 1]);
  });

  it('stays small', () => {
    expect(buildWasmModule({ slots: 2, slotBytes: 64 }, [axpy]).length).toBeLessThan(400);
  });
});
