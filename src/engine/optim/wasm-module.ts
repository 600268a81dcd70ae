// Writes small WebAssembly modules of loops over float32 arrays, four elements an instruction. An expression is the list
// of bytes that leaves its value on WebAssembly's stack, so `mul(a, b)` is a's bytes, b's bytes and an opcode.
// Source: WebAssembly core specification 2.0, section 5 (binary format), with its vector instructions.

/** Bytes that leave one value (four float32 unless noted) on the stack, or nothing if they are a statement. */
export type Code = readonly number[];

/** A value with a name, four float32 wide. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** A loop over the elements of arrays: `scalars` are its float32 arguments, `locals` the names its body gives to values. */
export interface Loop<S extends string = string, L extends string = string> {
  readonly name: string;
  /** How many arrays it reads or writes. */
  readonly arrays: number;
  readonly scalars: readonly S[];
  readonly locals: readonly L[];
  body(scope: LoopScope<S, L>): readonly Code[];
}

export interface LoopScope<S extends string, L extends string> {
  /** The elements of an array at the loop's position. */
  load(array: number): Code;
  store(array: number, value: Code): Code;
  readonly scalars: Readonly<Record<S, Code>>;
  readonly locals: Readonly<Record<L, Local>>;
}

/** Lets the names of scalars and locals be checked where the body uses them. */
export function defineLoop<S extends string, L extends string>(loop: Loop<S, L>): Loop {
  return loop;
}

const I32 = 0x7f;
const F32 = 0x7d;
const F64 = 0x7c;
const V128 = 0x7b;
const END = 0x0b;
const VECTOR_BYTES = 16;
/** Vectors per iteration: the next division begins before the last one ends. More do not fit into the registers. */
const UNROLLED = 4;
const MOST_PAGES = 65_536;

const vector = (opcode: number, ...immediates: number[]): Code => [0xfd, ...unsigned(opcode), ...immediates];
const getLocal = (index: number): Code => [0x20, ...unsigned(index)];
const setLocal = (index: number): Code => [0x21, ...unsigned(index)];
const constant = (value: number): Code => [0x41, ...signed(value)];
const loadVector = (address: number, offset: number): Code => [
  ...getLocal(address),
  ...vector(0x00, 4, ...unsigned(offset)), // aligned to 2 ** 4; offset
];

export const add = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe4)];
export const sub = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe5)];
export const mul = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe6)];
export const div = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe7)];
export const sqrt = (a: Code): Code => [...a, ...vector(0xe3)];

/**
 * A module over a memory that it imports as `kernel.memory`. It exports the loops, each called as
 * `name(bytes, ...addresses, ...scalars)` with how many bytes of its arrays it runs over, a multiple of 16, and where
 * each begins; and `sumSquares(bytes, address)`, the sum of an array's squares in float64.
 * @param shared  whether the memory is one that threads share
 */
export function buildWasmModule(loops: readonly Loop[], shared: boolean): Uint8Array<ArrayBuffer> {
  const functions = [
    ...loops.map((loop) => ({ name: loop.name, ...writeLoop(loop) })),
    { name: 'sumSquares', ...writeSumSquares() },
  ];
  const limits = shared ? [3, 1, ...unsigned(MOST_PAGES)] : [0, 1];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(
      1,
      functions.map(({ type }) => type),
    ),
    ...section(2, [[...text('kernel'), ...text('memory'), 2, ...limits]]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]),
    ),
    ...section(
      10,
      functions.map(({ code }) => [...unsigned(code.length), ...code]),
    ),
  ]);
}

function writeLoop(loop: Loop): { type: Code; code: Code } {
  // Locals in order: bytes, addresses, scalars (these are the arguments), scalars in all four lanes, the body's own.
  const { arrays, scalars, locals } = loop;
  const firstScalar = 1 + arrays;
  const firstSpread = firstScalar + scalars.length;
  const firstOwn = firstSpread + scalars.length;
  const spread = scalars.flatMap((_, i) => [
    ...getLocal(firstScalar + i),
    ...vector(0x13), // f32x4.splat
    ...setLocal(firstSpread + i),
  ]);
  const statements = (turn: number): readonly Code[] =>
    loop.body({
      load: (array) => loadVector(1 + array, turn * VECTOR_BYTES),
      store: (array, value) => [
        ...getLocal(1 + array),
        ...value,
        ...vector(0x0b, 4, ...unsigned(turn * VECTOR_BYTES)),
      ],
      scalars: Object.fromEntries(scalars.map((name, i) => [name, getLocal(firstSpread + i)])),
      locals: Object.fromEntries(
        locals.map((name, i) => {
          const index = firstOwn + turn * locals.length + i;
          return [name, { get: getLocal(index), set: (value: Code) => [...value, ...setLocal(index)] }];
        }),
      ),
    });
  return {
    type: functionType([I32, ...Array.from({ length: arrays }, () => I32), ...scalars.map(() => F32)], []),
    code: [
      ...list([[...unsigned(scalars.length + UNROLLED * locals.length), V128]]),
      ...spread,
      ...repeat(arrays, statements),
      END,
    ],
  };
}

function writeSumSquares(): { type: Code; code: Code } {
  // Locals: bytes, address, then for each turn the value and two sums.
  const local = (turn: number, which: number): number => 2 + turn * 3 + which;
  const upperHalf = vector(0x0d, ...[8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0]); // i8x16.shuffle
  const addDoubles = (into: number, value: Code): Code => [
    ...getLocal(into),
    ...value,
    ...vector(0xf0), // f64x2.add
    ...setLocal(into),
  ];
  const statements = (turn: number): readonly Code[] => {
    const [value, low, high] = [local(turn, 0), local(turn, 1), local(turn, 2)];
    const promoted = [...getLocal(value), ...vector(0x5f)]; // f64x2.promote_low_f32x4
    const square = [...promoted, ...promoted, ...vector(0xf2)]; // f64x2.mul
    return [
      [...loadVector(1, turn * VECTOR_BYTES), ...setLocal(value)],
      addDoubles(low, square),
      [...getLocal(value), ...getLocal(value), ...upperHalf, ...setLocal(value)],
      addDoubles(high, square),
    ];
  };
  const sums = Array.from({ length: UNROLLED }, (_, turn) => [local(turn, 1), local(turn, 2)]).flat();
  const [total, ...rest] = sums;
  const lane = (index: number): Code => [...getLocal(total!), ...vector(0x21, index)]; // f64x2.extract_lane
  return {
    type: functionType([I32, I32], [F64]),
    code: [
      ...list([[...unsigned(3 * UNROLLED), V128]]),
      ...repeat(1, statements),
      ...rest.flatMap((sum) => addDoubles(total!, getLocal(sum))),
      ...[...lane(0), ...lane(1), 0xa0], // f64.add
      END,
    ],
  };
}

/** Runs a body over `bytes` (local 0) of arrays whose addresses are the locals after it: four vectors a turn, then one. */
function repeat(arrays: number, statements: (turn: number) => readonly Code[]): Code {
  const turns = Array.from({ length: UNROLLED }, (_, turn) => statements(turn));
  const interleaved = turns[0]!.flatMap((_, i) => turns.flatMap((turn) => turn[i]!));
  return [
    ...runWhile(arrays, UNROLLED * VECTOR_BYTES, interleaved),
    ...runWhile(arrays, VECTOR_BYTES, statements(0).flat()),
  ];
}

/** while (bytes >= step) { body; addresses += step; bytes -= step } */
function runWhile(arrays: number, step: number, body: Code): Code {
  const isLess = [...getLocal(0), ...constant(step), 0x49]; // i32.lt_u
  const addresses = Array.from({ length: arrays }, (_, i) => 1 + i);
  const next = addresses.flatMap((at) => [...getLocal(at), ...constant(step), 0x6a, ...setLocal(at)]);
  const less = [...getLocal(0), ...constant(step), 0x6b, ...setLocal(0)];
  const again = [...isLess, 0x45, 0x0d, 0]; // i32.eqz, br_if to the loop's beginning
  return [0x02, 0x40, ...isLess, 0x0d, 0, 0x03, 0x40, ...body, ...next, ...less, ...again, END, END];
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

/** Signed LEB128 of a number that is not negative. */
function signed(value: number): Code {
  const bytes = unsigned(value);
  const last = bytes.at(-1)!;
  return (last & 0x40) === 0 ? bytes : [...bytes.slice(0, -1), last | 0x80, 0];
}
