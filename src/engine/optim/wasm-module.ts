// Writes small WebAssembly modules of loops over float32 arrays, four elements an instruction. An expression is the list
// of bytes that leaves its value on WebAssembly's stack, so `mul(a, b)` is a's bytes, b's bytes and an opcode.
// Source: WebAssembly core specification 2.0, section 5 (binary format), with its vector instructions.

/** Bytes that leave one value (four float32 unless said otherwise) on the stack; as a statement, nothing. */
export type Code = readonly number[];

/** A value with a name, four float32 wide. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** A loop over the elements of slots: `scalars` are its float32 arguments, `locals` the names its body gives to values. */
export interface Loop<S extends string = string, L extends string = string> {
  readonly name: string;
  readonly scalars: readonly S[];
  readonly locals: readonly L[];
  body(scope: LoopScope<S, L>): readonly Code[];
}

export interface LoopScope<S extends string, L extends string> {
  /** The elements of a slot that the loop has come to. */
  load(slot: number): Code;
  store(slot: number, value: Code): Code;
  readonly scalars: Readonly<Record<S, Code>>;
  readonly locals: Readonly<Record<L, Local>>;
}

/** Lets the names of scalars and locals be checked where the body uses them. */
export function defineLoop<S extends string, L extends string>(loop: Loop<S, L>): Loop {
  return loop;
}

/** How arrays lie in the module's memory: slot k begins at k x slotBytes, a multiple of 16. */
export interface SlotLayout {
  readonly slots: number;
  readonly slotBytes: number;
}

const I32 = 0x7f;
const F32 = 0x7d;
const F64 = 0x7c;
const V128 = 0x7b;
const END = 0x0b;
const PAGE_BYTES = 65_536;

const vector = (opcode: number, ...immediates: number[]): Code => [0xfd, ...unsigned(opcode), ...immediates];
const getLocal = (index: number): Code => [0x20, ...unsigned(index)];
const setLocal = (index: number): Code => [0x21, ...unsigned(index)];

export const add = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe4)];
export const sub = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe5)];
export const mul = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe6)];
export const div = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe7)];
export const sqrt = (a: Code): Code => [...a, ...vector(0xe3)];

/**
 * A module that exports `memory` and the loops, each called as `name(bytes, ...scalars)` with how many bytes of its slots
 * it runs over, rounded up to 16, at least 16; and `sumSquares(bytes)`, the sum of slot 0's squares in float64.
 */
export function buildWasmModule(layout: SlotLayout, loops: readonly Loop[]): Uint8Array<ArrayBuffer> {
  const functions = [
    ...loops.map((loop) => ({ name: loop.name, ...writeLoop(loop, layout) })),
    { name: 'sumSquares', ...writeSumSquares() },
  ];
  const pages = Math.ceil((layout.slots * layout.slotBytes) / PAGE_BYTES);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(
      1,
      functions.map(({ type }) => type),
    ),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(5, [[0, ...unsigned(pages)]]),
    ...section(7, [
      [...text('memory'), 2, 0],
      ...functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]),
    ]),
    ...section(
      10,
      functions.map(({ code }) => [...unsigned(code.length), ...code]),
    ),
  ]);
}

function writeLoop(loop: Loop, { slotBytes }: SlotLayout): { type: Code; code: Code } {
  // Locals in order: bytes, scalars (these are the arguments), position, scalars in all four lanes, the body's own.
  const { scalars, locals } = loop;
  const position = 1 + scalars.length;
  const firstSpread = position + 1;
  const firstOwn = firstSpread + scalars.length;
  const spread = scalars.flatMap((_, i) => [
    ...getLocal(1 + i),
    ...vector(0x13), // f32x4.splat
    ...setLocal(firstSpread + i),
  ]);
  const access = (slot: number): Code => [4, ...unsigned(slot * slotBytes)]; // aligned to 2 ** 4; offset
  const statements = loop.body({
    load: (slot) => [...getLocal(position), ...vector(0x00, ...access(slot))],
    store: (slot, value) => [...getLocal(position), ...value, ...vector(0x0b, ...access(slot))],
    scalars: Object.fromEntries(scalars.map((name, i) => [name, getLocal(firstSpread + i)])),
    locals: Object.fromEntries(
      locals.map((name, i) => [
        name,
        { get: getLocal(firstOwn + i), set: (value: Code) => [...value, ...setLocal(firstOwn + i)] },
      ]),
    ),
  });
  return {
    type: functionType([I32, ...scalars.map(() => F32)], []),
    code: [
      ...list([
        [1, I32],
        [...unsigned(scalars.length + locals.length), V128],
      ]),
      ...spread,
      ...repeat(position, statements.flat()),
      END,
    ],
  };
}

function writeSumSquares(): { type: Code; code: Code } {
  const [position, value, low, high] = [1, 2, 3, 4];
  const upperHalf = vector(0x0d, ...[8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0]); // i8x16.shuffle
  const promoted = [...getLocal(value), ...vector(0x5f)]; // f64x2.promote_low_f32x4
  const multiplyAdd = (sum: number): Code => [
    ...[...getLocal(sum), ...promoted, ...promoted],
    ...[...vector(0xf2), ...vector(0xf0), ...setLocal(sum)], // f64x2.mul, f64x2.add
  ];
  const body = [
    ...[...getLocal(position), ...vector(0x00, 4, 0), ...setLocal(value)],
    ...multiplyAdd(low),
    ...[...getLocal(value), ...getLocal(value), ...upperHalf, ...setLocal(value)],
    ...multiplyAdd(high),
  ];
  const lane = (index: number): Code => [...getLocal(low), ...vector(0x21, index)]; // f64x2.extract_lane
  return {
    type: functionType([I32], [F64]),
    code: [
      ...list([
        [1, I32],
        [3, V128],
      ]),
      ...repeat(position, body),
      ...[...getLocal(low), ...getLocal(high), ...vector(0xf0), ...setLocal(low)],
      ...[...lane(0), ...lane(1), 0xa0], // f64.add
      END,
    ],
  };
}

/** do { body; position += 16 } while (position < bytes) */
function repeat(position: number, body: Code): Code {
  const next = [...getLocal(position), 0x41, 16, 0x6a, ...setLocal(position)];
  return [0x03, 0x40, ...body, ...next, ...getLocal(position), ...getLocal(0), 0x49, 0x0d, 0, END];
}

function functionType(parameters: readonly number[], results: readonly number[]): Code {
  return [0x60, ...list(parameters.map((type) => [type])), ...list(results.map((type) => [type]))];
}

function section(id: number, entries: readonly Code[]): Code {
  const content = list(entries);
  return [id, ...unsigned(content.length), ...content];
}

function list(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function text(name: string): Code {
  return list([...new TextEncoder().encode(name)].map((byte) => [byte]));
}

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
