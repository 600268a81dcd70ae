// Writes small WebAssembly modules of loops over float32 arrays, four elements an instruction. An expression is the list
// of bytes that leaves its value on WebAssembly's stack, so `mul(a, b)` is a's bytes, b's bytes and the opcode.
// Source: WebAssembly core specification 2.0, section 5 (binary format), with its vector instructions.

/** Bytes that leave one value (four float32 unless said) on the stack, or, as a statement, nothing. */
export type Code = readonly number[];

/** A loop over the elements of the slots. */
export interface LoopFunction {
  readonly name: string;
  /** Float32 arguments, the same for all elements. */
  readonly scalars: number;
  /** Values that the body names, four float32 each. */
  readonly locals: number;
  readonly body: (scalars: readonly Code[], locals: readonly Local[]) => Code;
}

export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** How the arrays that a loop reads and writes lie in the module's memory: slot k begins at k x slotBytes. */
export interface SlotLayout {
  readonly slots: number;
  /** A multiple of 16. */
  readonly slotBytes: number;
}

const I32 = 0x7f;
const F32 = 0x7d;
const F64 = 0x7c;
const V128 = 0x7b;
const PAGE_BYTES = 65_536;

const vector = (opcode: number, ...immediate: number[]): Code => [0xfd, ...unsigned(opcode), ...immediate];
const getLocal = (index: number): Code => [0x20, ...unsigned(index)];
const setLocal = (index: number): Code => [0x21, ...unsigned(index)];

export const add = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe4)];
export const sub = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe5)];
export const mul = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe6)];
export const div = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe7)];
export const sqrt = (a: Code): Code => [...a, ...vector(0xe3)];

// Local 0 is the end of the loop, local 1 the position in it, both in bytes from a slot's beginning.
const END = getLocal(0);
const POSITION = getLocal(1);

/**
 * A module that exports `memory` and the given loops, each called as `name(bytes, ...scalars)`: it runs over the first
 * `bytes` bytes of its slots, rounded up to 16. `sumSquares(bytes)` returns the sum of slot 0's squares in float64.
 */
export function buildWasmModule(
  layout: SlotLayout,
  loops: (slot: { load(slot: number): Code; store(slot: number, value: Code): Code }) => readonly LoopFunction[],
): Uint8Array<ArrayBuffer> {
  const load = (slot: number): Code => [...POSITION, ...vector(0x00, 4, ...unsigned(slot * layout.slotBytes))];
  const store = (slot: number, value: Code): Code => [
    ...POSITION,
    ...value,
    ...vector(0x0b, 4, ...unsigned(slot * layout.slotBytes)),
  ];
  const functions = [
    ...loops({ load, store }).map((loop) => ({ name: loop.name, ...writeLoop(loop) })),
    { name: 'sumSquares', ...writeSumSquares(load(0)) },
  ];
  const pages = Math.ceil((layout.slots * layout.slotBytes) / PAGE_BYTES);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, functions.map(({ type }) => type)),
    ...section(3, functions.map((_, index) => unsigned(index))),
    ...section(5, [[0, ...unsigned(pages)]]),
    ...section(7, [
      [...text('memory'), 2, 0],
      ...functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]),
    ]),
    ...section(10, functions.map(({ code }) => [...unsigned(code.length), ...code])),
  ]);
}

function writeLoop({ scalars, locals, body }: LoopFunction): { type: Code; code: Code } {
  // Locals: end | scalars | position | scalars in all four lanes | the body's own. The end stays local 0; the position
  // is kept at 1 by placing the scalars behind it as arguments 2 and up of which argument 1 starts at zero.
  const firstScalar = 2;
  const firstSpread = firstScalar + scalars;
  const firstOwn = firstSpread + scalars;
  const indices = Array.from({ length: scalars }, (_, i) => i);
  const own = Array.from({ length: locals }, (_, i) => firstOwn + i);
  const spread = indices.flatMap((i) => [
    ...getLocal(firstScalar + i),
    ...vector(0x13), // f32x4.splat
    ...setLocal(firstSpread + i),
  ]);
  const statements = body(
    indices.map((i) => getLocal(firstSpread + i)),
    own.map((index) => ({ get: getLocal(index), set: (value) => [...value, ...setLocal(index)] })),
  );
  return {
    type: [0x60, ...list([I32, I32, ...indices.map(() => F32)].map((type) => [type])), 0],
    code: [...list([[...unsigned(scalars + locals), V128]]), ...spread, ...repeat(statements), 0x0b],
  };
}

function writeSumSquares(x: Code): { type: Code; code: Code } {
  const value = 2;
  const [low, high] = [3, 4];
  const promote = (lanes: Code): Code => [...lanes, ...vector(0x5f)]; // f64x2 from the two low float32 lanes
  const upper = vector(0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15); // i8x16.shuffle
  const addSquare = (sum: number, half: Code): Code => [
    ...getLocal(sum),
    ...promote(half),
    ...promote(half),
    ...vector(0xf2), // f64x2.mul
    ...vector(0xf0), // f64x2.add
    ...setLocal(sum),
  ];
  const body = [
    ...x,
    ...setLocal(value),
    ...addSquare(low, getLocal(value)),
    ...addSquare(high, [...getLocal(value), ...getLocal(value), ...upper]),
  ];
  const lane = (index: number): Code => [...getLocal(low), ...vector(0x21, index)]; // f64x2.extract_lane
  return {
    type: [0x60, ...list([[I32], [I32]]), ...list([[F64]])],
    code: [
      ...list([[3, V128]]),
      ...repeat(body),
      ...[...getLocal(low), ...getLocal(high), ...vector(0xf0), ...setLocal(low)],
      ...[...lane(0), ...lane(1), 0xa0], // f64.add
      0x0b,
    ],
  };
}

/** do { body; position += 16 } while (position < end) */
function repeat(body: Code): Code {
  const next = [...POSITION, 0x41, 16, 0x6a, ...setLocal(1)];
  return [0x03, 0x40, ...body, ...next, ...POSITION, ...END, 0x49, 0x0d, 0, 0x0b];
}

const section = (id: number, entries: readonly Code[]): Code => {
  const content = list(entries);
  return [id, ...unsigned(content.length), ...content];
};

const list = (entries: readonly Code[]): Code => [...unsigned(entries.length), ...entries.flat()];

const text = (name: string): Code => list([...new TextEncoder().encode(name)].map((byte) => [byte]));

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
