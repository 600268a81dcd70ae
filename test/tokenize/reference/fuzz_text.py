"""Generates seeded difficult texts and a vocabulary to tokenize them with; fuzz-text.ts generates the same, step for step."""

# name, [(first, last)] code points. The order is part of the seed's meaning.
ALPHABETS = [
    ("letters", [(0x61, 0x7A), (0x41, 0x5A), (0x30, 0x39)]),
    ("ascii", [(0x20, 0x7E)]),
    ("latin", [(0xA1, 0x24F), (0x1E00, 0x1EFF)]),
    ("marks", [(0x300, 0x36F), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0), (0x7EB, 0x7FD), (0x8CA, 0x8FF), (0x1AB0, 0x1ACE), (0xFE20, 0xFE2F)]),
    ("spacing marks", [(0x302A, 0x302F), (0x1D165, 0x1D172), (0x16FF0, 0x16FF1), (0x93C, 0x94D), (0xE38, 0xE3A), (0xF71, 0xF84)]),
    ("turkish", [(0x130, 0x131), (0x49, 0x49), (0x69, 0x69), (0x307, 0x307), (0x11E, 0x11F), (0x15E, 0x15F)]),
    ("greek cyrillic", [(0x370, 0x52F), (0x1F00, 0x1FFF)]),
    ("hebrew arabic", [(0x591, 0x5F4), (0x600, 0x6FF), (0xFB1D, 0xFB4F)]),
    ("indic", [(0x900, 0x97F), (0x980, 0x9FE), (0xB80, 0xBFA), (0xD00, 0xD7F)]),
    ("south-east asian", [(0xE01, 0xE5B), (0xF00, 0xFDA), (0x1000, 0x109F), (0x1780, 0x17F9)]),
    ("georgian cherokee", [(0x10A0, 0x10FF), (0x13A0, 0x13FD), (0x1C90, 0x1CBF), (0xAB70, 0xABBF)]),
    ("hangul", [(0x1100, 0x11FF), (0xAC00, 0xD7A3), (0x3131, 0x318E)]),
    ("kana", [(0x3040, 0x30FF), (0xFF61, 0xFF9F)]),
    ("chinese", [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2F800, 0x2FA1D)]),
    ("control", [(0x0, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFD), (0xE000, 0xE010), (0xE0001, 0xE007F)]),
    ("space", [(0x9, 0xD), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)]),
    ("punctuation", [(0x2010, 0x2027), (0x2030, 0x205E), (0x2E00, 0x2E5D), (0x3001, 0x3011), (0xFF01, 0xFF20), (0xA1, 0xBF)]),
    ("symbols", [(0x2070, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x218B), (0x2190, 0x23FF), (0x2460, 0x27BF), (0x1D400, 0x1D7FF)]),
    ("emoji", [(0x1F300, 0x1FAFF), (0x200D, 0x200D), (0xFE0F, 0xFE0F), (0x1F3FB, 0x1F3FF), (0x1F1E6, 0x1F1FF), (0x2600, 0x27BF)]),
    ("ligatures", [(0xFB00, 0xFB17), (0x132, 0x133), (0x1C4, 0x1CC), (0x1F1, 0x1F3), (0xDF, 0xDF), (0x1E9E, 0x1E9E)]),
    ("capitals", [(0x10400, 0x10427), (0x104B0, 0x104D3), (0x1E900, 0x1E921), (0xA640, 0xA69B), (0xA722, 0xA7CA), (0x2C00, 0x2CF3)]),
    ("basic plane", [(0x0, 0xD7FF), (0xE000, 0xFFFF)]),
    ("anything", [(0x0, 0xD7FF), (0xE000, 0x10FFFF)]),
]
LITERALS = ["[SEP]", "[CLS]", "[PAD]", "[UNK]", "[MASK]", "[sep]", "[SEP", "SEP]", "[[CLS]]", "##ab", "\r\n"]
GROUPS = 60
ASCII_LOWER = {c: c + 32 for c in range(0x41, 0x5B)}
CASES = 40


class Generator:
    """mulberry32."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFF

    def next(self, limit):
        self.state = (self.state + 0x6D2B79F5) & 0xFFFFFFFF
        t = self.state
        t = ((t ^ (t >> 15)) * (t | 1)) & 0xFFFFFFFF
        t = (t ^ (t + (t ^ (t >> 7)) * (t | 61))) & 0xFFFFFFFF
        return ((t ^ (t >> 14)) & 0xFFFFFFFF) % limit

    def character(self, ranges):
        first, last = ranges[self.next(len(ranges))]
        return chr(first + self.next(last - first + 1))


def fuzz_case(random):
    alphabets = [ALPHABETS[random.next(len(ALPHABETS))][1] for _ in range(1 + random.next(3))]
    kind = random.next(20)
    # Mostly short texts; now and then a word at the limit of 100, or one of 10,000 characters.
    length = [99, 100, 101, 102, 10000][random.next(5)] if kind == 0 else 1 + random.next(60)
    text = ""
    for _ in range(length):
        dice = 99 if kind == 0 else random.next(100)
        if dice < 8:
            text += " "
        elif dice < 11:
            text += LITERALS[random.next(len(LITERALS))]
        elif dice < 20:
            text += random.character(ALPHABETS[0][1])
        else:
            text += random.character(alphabets[random.next(len(alphabets))])
    return text


def fuzz_group(group):
    random = Generator(1000 + group)
    return [fuzz_case(random) for _ in range(CASES)]


def fuzz_vocabulary():
    """Most characters of the alphabets, alone and continued, and some longer pieces; specials first."""
    ids = {}

    def add(piece):
        ids.setdefault(piece, len(ids))

    for token in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]:
        add(token)
    for _, ranges in ALPHABETS[:-2]:
        for first, last in ranges:
            for cp in range(first, last + 1):
                # Not all, so that words with a missing character occur; fewer of the thousands of ideographs.
                if cp % 37 == 5 or (last - first > 2000 and cp % 3 > 0):
                    continue
                add(chr(cp))
                if cp % 11 != 3:
                    add("##" + chr(cp))
    random = Generator(7)
    for _ in range(3000):
        ranges = ALPHABETS[random.next(len(ALPHABETS) - 2)][1] if random.next(2) else ALPHABETS[0][1]
        piece = "".join(random.character(ranges) for _ in range(2 + random.next(3))).translate(ASCII_LOWER)
        add("##" + piece if random.next(2) else piece)
    return ids
