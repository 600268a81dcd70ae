// Calls to a worker that must not compile. The type check reads this file and fails if an expected error is missing.
import type { WorkerChannel } from '../../src/foundation/threads/index.ts';
import type { WorkerImplementation } from '../../src/foundation/threads/worker-contract.ts';

export interface CountingMethods {
  /** Adds after a pause. @returns the total so far */
  add(request: { readonly value: number; readonly delayMs: number }): number;
  fill(length: number): Float32Array;
  refuse(): void;
  break(): void;
  blockNatively(request: { readonly ms: number; readonly returned: Int32Array }): void;
  stop(): void;
}

/** Never called. */
export async function checkCalls(counting: WorkerChannel<CountingMethods>): Promise<void> {
  const total: number = await counting.call('add', { value: 1, delayMs: 0 });
  await counting.call('fill', total, []);
  // @ts-expect-error a typo in the method's name
  await counting.call('ad', { value: 1, delayMs: 0 });
  // @ts-expect-error a wrong argument
  await counting.call('add', { value: '1', delayMs: 0 });
  // @ts-expect-error no argument where one is needed
  await counting.call('fill');
  // @ts-expect-error an argument where none is taken
  await counting.call('stop', 1);
  // @ts-expect-error a wrong result
  const text: string = await counting.call('fill', 1);
  // @ts-expect-error a channel of another contract
  const other: WorkerChannel<{ greet(name: string): string }> = counting;
  // @ts-expect-error a worker that lacks a method
  const silent: WorkerImplementation<{ greet(): string }> = {};
  // @ts-expect-error a worker whose method has another result
  const wrong: WorkerImplementation<{ count(): number }> = { count: () => 'one' };
  return void [text, other, silent, wrong];
}
