"""Measures, code point by code point, which characters the Rust `tokenizers` library treats as white space, control,
punctuation, mark, decomposable and upper case, and writes src/text/tokenize/unicode-tables.ts.

Usage: python test/tokenize/reference/unicode-tables.py src/text/tokenize/unicode-tables.ts
Made with tokenizers 0.23.3. Only behaviour is recorded, as numbers.
"""
import sys
import unicodedata

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer, Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer


def bert(**on):
    flags = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return BertNormalizer(**{**flags, **on}).normalize_str


clean, cjk, accents = bert(clean_text=True), bert(handle_chinese_chars=True), bert(strip_accents=True)
nfd, lower, split = NFD().normalize_str, Lowercase().normalize_str, BertPreTokenizer().pre_tokenize_str
ALL = [cp for cp in range(0x110000) if not 0xD800 <= cp <= 0xDFFF]

dropped = {cp for cp in ALL if clean(chr(cp)) == ""}
kept = [cp for cp in ALL if cp not in dropped]
space = {cp for cp in kept if clean(chr(cp)) == " "}
for cp in kept:
    assert clean(chr(cp)) in (chr(cp), " "), hex(cp)
chinese = {cp for cp in kept if cjk(chr(cp)) != chr(cp)}
for cp in chinese:
    assert cjk(chr(cp)) == f" {chr(cp)} ", hex(cp)
mark = {cp for cp in kept if accents(chr(cp)) == "" }
decomposes = {cp for cp in kept if nfd(chr(cp)) != chr(cp)}
for cp in decomposes:  # decompositions of old code points never change: Node's own are used
    assert nfd(chr(cp)) == unicodedata.normalize("NFD", chr(cp)) or unicodedata.category(chr(cp)) == "Cn", hex(cp)
punctuation = set()
for cp in kept:
    parts = [part for part, _ in split("a" + chr(cp) + "b")]
    if parts == ["a", chr(cp), "b"]:
        punctuation.add(cp)
    else:
        assert parts == (["a", "b"] if cp in space else ["a" + chr(cp) + "b"]), hex(cp)

# Canonical combining classes, by watching what changes places with a mark of a known class.
def swaps(first, second):
    return first != second and nfd("a" + first + second) == "a" + second + first


known = {}
for cp in range(0x300, 0x20000):
    c = chr(cp)
    if cp not in dropped and cp not in decomposes and unicodedata.combining(c):
        if swaps(c, "\u0334") or swaps("\u0345", c):  # else newer than the library's tables
            known.setdefault(unicodedata.combining(c), c)
classes = sorted(known)
combining = {}
for cp in kept:
    c = chr(cp)
    if cp in decomposes or not (swaps(known[classes[-1]], c) or swaps(c, known[classes[0]])):
        continue
    combining[cp] = next(k for k in classes if not swaps(c, known[k]))
    assert unicodedata.combining(c) in (combining[cp], 0), hex(cp)

lowers = {}
for cp in kept:
    small = lower(chr(cp))
    if small != chr(cp):
        if len(small) == 1:
            lowers[cp] = ord(small)
        else:
            assert cp == 0x130 and small == "i\u0307", hex(cp)


def base36(n):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    sign, n, out = ("-" if n < 0 else ""), abs(n), ""
    while True:
        n, r = divmod(n, 36)
        out = digits[r] + out
        if n == 0:
            return sign + out


def format_set(points):
    """Gap to the next range, its length, and so on."""
    numbers, at = [], 0
    ordered = sorted(points)
    i = 0
    while i < len(ordered):
        j = i
        while j + 1 < len(ordered) and ordered[j + 1] == ordered[j] + 1:
            j += 1
        numbers += [ordered[i] - at, j - i + 1]
        at = ordered[j] + 1
        i = j + 1
    return " ".join(map(base36, numbers))


def format_map(pairs, keep_delta):
    """Runs of (gap, count, step, value): value is a difference (keep_delta) or the value itself."""
    items = [(cp, v - cp if keep_delta else v) for cp, v in sorted(pairs.items())]
    numbers, at, i = [], 0, 0
    while i < len(items):
        start, value = items[i]
        best_step, best_n = 1, 1
        for step in (1, 2):
            n = 1
            while i + n < len(items) and items[i + n] == (start + n * step, value):
                n += 1
            if n > best_n:
                best_step, best_n = step, n
        numbers += [start - at, best_n, best_step, value]
        at = items[i + best_n - 1][0] + 1
        i += best_n
    return " ".join(map(base36, numbers))


def literal(text):
    lines, width = [], 100
    while text:
        cut = len(text) if len(text) <= width else text.rindex(" ", 0, width) + 1
        lines.append(f"  '{text[:cut]}'")
        text = text[cut:]
    return " +\n".join(lines)


tables = [
    ("DROPPED", "Removed by text cleaning: control, format, private use, U+FFFD.", format_set(dropped)),
    ("SPACE", "Becomes a space.", format_set(space)),
    ("CHINESE", "Gets a space on either side.", format_set(chinese)),
    ("MARK", "Non-spacing mark: removed with the accents.", format_set(mark)),
    ("PUNCTUATION", "A word of its own.", format_set(punctuation)),
    ("DECOMPOSES", "Has a canonical decomposition.", format_set(decomposes)),
    ("COMBINING", "Canonical combining class where it is not 0: runs of (gap, count, step, class).", format_map(combining, False)),
    ("LOWER", "Lower case where it is one other code point: runs of (gap, count, step, difference).", format_map(lowers, True)),
]
with open(sys.argv[1], "w", newline="\n") as out:
    out.write(
        "// Generated by test/tokenize/reference/unicode-tables.py from the behaviour of the Rust library `tokenizers` "
        f"{tokenizers.__version__};\n"
        "// do not edit. The library's tables are of several Unicode versions, none of them Node's, and Node's differ between\n"
        "// releases: with these, ids are the same on every Node. Sets are base-36 pairs (gap, length), in code point order.\n"
    )
    for name, comment, text in tables:
        out.write(f"\n/** {comment} */\nexport const {name} =\n{literal(text)};\n")
print({name: len(text) for name, _, text in tables}, len(combining), len(lowers))
