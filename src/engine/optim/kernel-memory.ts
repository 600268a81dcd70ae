// WebAssembly memory of an update kernel: first slots, then arrays that stay in it. ONNX Runtime reads and writes these
// arrays, unless threads share the memory. A memory ends at 4 GiB; further arrays lie outside of it. The kernel copies
// them into the slots piece by piece.

/** Elements of a piece: four slots of 64 KiB stay in the processor's second cache. */
export const PIECE_LENGTH = 16_384;
export const SLOTS = 4;

const SLOT_BYTES = PIECE_LENGTH * Float32Array.BYTES_PER_ELEMENT;
const PAGE_BYTES = 65_536;
const MOST_BYTES = 65_536 * PAGE_BYTES;
/** Arrays begin at a line of the processor's caches. */
const ALIGNMENT = 64;

export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** Node.js has WebAssembly; its types come with those of the browser, which this project does not load. */
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
};

export interface KernelMemory {
  /** Sent to other threads where it is shared. */
  readonly memory: WasmMemory;
  readonly slots: readonly Float32Array[];
}

export interface ArrayMemory extends KernelMemory {
  /** An array of zeros; outside of the memory when that is full, but shared if that is. */
  allocate(length: number): Float32Array;
}

/** Bytes that an array takes in a memory. */
export function countArrayBytes(length: number): number {
  return Math.ceil((length * Float32Array.BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT;
}

/** @param bytes  of all arrays together, by `countArrayBytes`; the machine provides memory as it is written to */
export function createKernelMemory(bytes: number, shared: boolean): ArrayMemory {
  const size = Math.min(SLOTS * SLOT_BYTES + bytes, MOST_BYTES);
  const pages = Math.ceil(size / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  const Outside = shared ? SharedArrayBuffer : ArrayBuffer;
  let used = SLOTS * SLOT_BYTES;
  return {
    ...openKernelMemory(memory),
    allocate: (length) => {
      const from = used;
      if (from + countArrayBytes(length) > size)
        return new Float32Array(new Outside(length * Float32Array.BYTES_PER_ELEMENT));
      used += countArrayBytes(length);
      return new Float32Array(memory.buffer, from, length);
    },
  };
}

/** A memory that another thread made. */
export function openKernelMemory(memory: WasmMemory): KernelMemory {
  const slots = Array.from(
    { length: SLOTS },
    (_, slot) => new Float32Array(memory.buffer, slot * SLOT_BYTES, PIECE_LENGTH),
  );
  return { memory, slots };
}
