// Generates seeded difficult texts and a vocabulary to tokenize them with. reference/fuzz_text.py generates the same, step for
// step, so only digests of the Rust library's results need to be stored.

type Ranges = readonly (readonly [first: number, last: number])[];

/** The order is part of the seed's meaning. */
const ALPHABETS: readonly (readonly [name: string, ranges: Ranges])[] = [
  [
    'letters',
    [
      [0x61, 0x7a],
      [0x41, 0x5a],
      [0x30, 0x39],
    ],
  ],
  ['ascii', [[0x20, 0x7e]]],
  [
    'latin',
    [
      [0xa1, 0x24f],
      [0x1e00, 0x1eff],
    ],
  ],
  [
    'marks',
    [
      [0x300, 0x36f],
      [0x1dc0, 0x1dff],
      [0x20d0, 0x20f0],
      [0x7eb, 0x7fd],
      [0x8ca, 0x8ff],
      [0x1ab0, 0x1ace],
      [0xfe20, 0xfe2f],
    ],
  ],
  [
    'spacing marks',
    [
      [0x302a, 0x302f],
      [0x1d165, 0x1d172],
      [0x16ff0, 0x16ff1],
      [0x93c, 0x94d],
      [0xe38, 0xe3a],
      [0xf71, 0xf84],
    ],
  ],
  [
    'turkish',
    [
      [0x130, 0x131],
      [0x49, 0x49],
      [0x69, 0x69],
      [0x307, 0x307],
      [0x11e, 0x11f],
      [0x15e, 0x15f],
    ],
  ],
  [
    'greek cyrillic',
    [
      [0x370, 0x52f],
      [0x1f00, 0x1fff],
    ],
  ],
  [
    'hebrew arabic',
    [
      [0x591, 0x5f4],
      [0x600, 0x6ff],
      [0xfb1d, 0xfb4f],
    ],
  ],
  [
    'indic',
    [
      [0x900, 0x97f],
      [0x980, 0x9fe],
      [0xb80, 0xbfa],
      [0xd00, 0xd7f],
    ],
  ],
  [
    'south-east asian',
    [
      [0xe01, 0xe5b],
      [0xf00, 0xfda],
      [0x1000, 0x109f],
      [0x1780, 0x17f9],
    ],
  ],
  [
    'georgian cherokee',
    [
      [0x10a0, 0x10ff],
      [0x13a0, 0x13fd],
      [0x1c90, 0x1cbf],
      [0xab70, 0xabbf],
    ],
  ],
  [
    'hangul',
    [
      [0x1100, 0x11ff],
      [0xac00, 0xd7a3],
      [0x3131, 0x318e],
    ],
  ],
  [
    'kana',
    [
      [0x3040, 0x30ff],
      [0xff61, 0xff9f],
    ],
  ],
  [
    'chinese',
    [
      [0x4e00, 0x9fff],
      [0x3400, 0x4dbf],
      [0xf900, 0xfaff],
      [0x20000, 0x2a6df],
      [0x2f800, 0x2fa1d],
    ],
  ],
  [
    'control',
    [
      [0x0, 0x1f],
      [0x7f, 0x9f],
      [0xad, 0xad],
      [0x200b, 0x200f],
      [0x202a, 0x202e],
      [0x2060, 0x206f],
      [0xfeff, 0xfeff],
      [0xfff9, 0xfffd],
      [0xe000, 0xe010],
      [0xe0001, 0xe007f],
    ],
  ],
  [
    'space',
    [
      [0x9, 0xd],
      [0x20, 0x20],
      [0x85, 0x85],
      [0xa0, 0xa0],
      [0x1680, 0x1680],
      [0x180e, 0x180e],
      [0x2000, 0x200a],
      [0x2028, 0x2029],
      [0x202f, 0x202f],
      [0x205f, 0x205f],
      [0x3000, 0x3000],
    ],
  ],
  [
    'punctuation',
    [
      [0x2010, 0x2027],
      [0x2030, 0x205e],
      [0x2e00, 0x2e5d],
      [0x3001, 0x3011],
      [0xff01, 0xff20],
      [0xa1, 0xbf],
    ],
  ],
  [
    'symbols',
    [
      [0x2070, 0x209c],
      [0x20a0, 0x20c0],
      [0x2100, 0x218b],
      [0x2190, 0x23ff],
      [0x2460, 0x27bf],
      [0x1d400, 0x1d7ff],
    ],
  ],
  [
    'emoji',
    [
      [0x1f300, 0x1faff],
      [0x200d, 0x200d],
      [0xfe0f, 0xfe0f],
      [0x1f3fb, 0x1f3ff],
      [0x1f1e6, 0x1f1ff],
      [0x2600, 0x27bf],
    ],
  ],
  [
    'ligatures',
    [
      [0xfb00, 0xfb17],
      [0x132, 0x133],
      [0x1c4, 0x1cc],
      [0x1f1, 0x1f3],
      [0xdf, 0xdf],
      [0x1e9e, 0x1e9e],
    ],
  ],
  [
    'capitals',
    [
      [0x10400, 0x10427],
      [0x104b0, 0x104d3],
      [0x1e900, 0x1e921],
      [0xa640, 0xa69b],
      [0xa722, 0xa7ca],
      [0x2c00, 0x2cf3],
    ],
  ],
  [
    'basic plane',
    [
      [0x0, 0xd7ff],
      [0xe000, 0xffff],
    ],
  ],
  [
    'anything',
    [
      [0x0, 0xd7ff],
      [0xe000, 0x10ffff],
    ],
  ],
];
const LETTERS = ALPHABETS[0]![1];
const LITERALS = [
  '[SEP]',
  '[CLS]',
  '[PAD]',
  '[UNK]',
  '[MASK]',
  '[sep]',
  '[SEP',
  'SEP]',
  '[[CLS]]',
  '##ab',
  '\r\n',
];
export const FUZZ_GROUPS = 60;
const CASES = 40;
const LONG_WORDS = [99, 100, 101, 102, 10000];

interface Generator {
  next(limit: number): number;
  character(ranges: Ranges): string;
}

/** mulberry32. */
function createGenerator(seed: number): Generator {
  let state = seed | 0;
  const next = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
  const character = (ranges: Ranges): string => {
    const [first, last] = ranges[next(ranges.length)]!;
    return String.fromCodePoint(first + next(last - first + 1));
  };
  return { next, character };
}

function fuzzCase(random: Generator): string {
  const alphabets = Array.from(
    { length: 1 + random.next(3) },
    () => ALPHABETS[random.next(ALPHABETS.length)]![1],
  );
  const kind = random.next(20);
  const length = kind === 0 ? LONG_WORDS[random.next(LONG_WORDS.length)]! : 1 + random.next(60);
  let text = '';
  for (let i = 0; i < length; i++) {
    const dice = kind === 0 ? 99 : random.next(100);
    if (dice < 8) text += ' ';
    else if (dice < 11) text += LITERALS[random.next(LITERALS.length)]!;
    else if (dice < 20) text += random.character(LETTERS);
    else text += random.character(alphabets[random.next(alphabets.length)]!);
  }
  return text;
}

/** The texts of one group. */
export function fuzzGroup(group: number): string[] {
  const random = createGenerator(1000 + group);
  return Array.from({ length: CASES }, () => fuzzCase(random));
}

/** Most characters of the alphabets, alone and continued, and some longer pieces; specials first. */
export function fuzzVocabulary(): Map<string, number> {
  const ids = new Map<string, number>();
  const add = (piece: string): void => {
    if (!ids.has(piece)) ids.set(piece, ids.size);
  };
  for (const token of ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']) add(token);
  for (const [, ranges] of ALPHABETS.slice(0, -2)) {
    for (const [first, last] of ranges) {
      for (let codePoint = first; codePoint <= last; codePoint++) {
        if (codePoint % 37 === 5 || (last - first > 2000 && codePoint % 3 > 0)) continue;
        add(String.fromCodePoint(codePoint));
        if (codePoint % 11 !== 3) add(`##${String.fromCodePoint(codePoint)}`);
      }
    }
  }
  const random = createGenerator(7);
  for (let i = 0; i < 3000; i++) {
    const ranges = random.next(2) ? ALPHABETS[random.next(ALPHABETS.length - 2)]![1] : LETTERS;
    let piece = '';
    for (let left = 2 + random.next(3); left > 0; left--) piece += random.character(ranges);
    piece = piece.replace(/[A-Z]/g, (c) => c.toLowerCase());
    add(random.next(2) ? `##${piece}` : piece);
  }
  return ids;
}
