// Seeded random numbers: the same seed gives the same stream on every machine.
// Generator: sfc32 (Chris Doty-Humphrey, PractRand). Stateless hash: the finaliser of MurmurHash3 (Austin Appleby).

export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in [0, limit). */
  integer(limit: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** Fisher–Yates, in place; returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
}

/** Creates a generator from any mix of numbers and strings, e.g. `createRandom(seed, 'epoch', 3)`. */
export function createRandom(...seeds: readonly (number | string)[]): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let d = 1;
  for (const seed of seeds) {
    const text = `${typeof seed}:${seed}`;
    for (let i = 0; i < text.length; i++) {
      a = hash32(a ^ text.charCodeAt(i));
      b = hash32(b + a);
      c ^= b;
    }
  }
  const next32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next32();
  const random: Random = {
    next: () => next32() / 4294967296,
    integer: (limit) => Math.floor((next32() / 4294967296) * limit),
    normal: () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()),
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        const kept = items[i];
        items[i] = items[j];
        items[j] = kept;
      }
      return items;
    },
  };
  return random;
}

/** Mixes 32 bits into 32 well-spread bits; returns an unsigned integer. */
export function hash32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
