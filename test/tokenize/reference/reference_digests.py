"""Digests of the Rust `tokenizers` library's results for fuzzed texts and, if available, for the shared articles.

Usage: python test/tokenize/reference/reference_digests.py [SHARED_DATA] > test/tokenize/reference/digests.json
       python test/tokenize/reference/reference_digests.py --group N [SHARED_DATA]    (prints one fuzz group in full)
It stores neither articles nor vocabularies.
"""
import csv
import hashlib
import json
import os
import sys

import tokenizers
from fuzz_text import GROUPS, fuzz_group, fuzz_vocabulary
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
FILES = {
    "isot-sample/True.csv": ["title", "text"],
    "isot-sample/Fake.csv": ["title", "text"],
    "isot-sample/text-only.csv": ["text"],
    "isot-titles.csv": ["title"],
    "other-sources/horne2017.csv": ["title", "text"],
    "other-sources/buzzfeed-politifact.csv": ["title", "text"],
}
VARIANTS = {
    "uncased": dict(lowercase=True, strip_accents=None, handle_chinese_chars=True),
    "cased": dict(lowercase=False, strip_accents=None, handle_chinese_chars=True),
    "uncased, accents kept": dict(lowercase=True, strip_accents=False, handle_chinese_chars=False),
}


def bert_tokenizer(vocabulary, variant):
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(clean_text=True, **VARIANTS[variant])
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    return tokenizer


def line(encoding):
    starts, ends = zip(*encoding.offsets) if encoding.offsets else ((), ())
    return "|".join(",".join(map(str, values)) for values in (encoding.ids, starts, ends)) + "\n"


def digest(tokenizer, texts):
    sha = hashlib.sha256()
    for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
        sha.update(line(encoding).encode())
    return sha.hexdigest()[:16]


def load_shared(folder):
    tokenizer = Tokenizer.from_file(os.path.join(folder, "bert-base-uncased/tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def main():
    args = sys.argv[1:]
    vocabulary = fuzz_vocabulary()
    if args[:1] == ["--group"]:
        tokenizer = load_shared(args[2]) if len(args) > 2 else bert_tokenizer(vocabulary, "uncased")
        for text in fuzz_group(int(args[1])):
            print(json.dumps([text, line(tokenizer.encode(text, add_special_tokens=False)).strip()]))
        return
    result = {
        "tokenizers": tokenizers.__version__,
        "texts": hashlib.sha256("\n".join(t for g in range(GROUPS) for t in fuzz_group(g)).encode()).hexdigest()[:16],
        "vocabulary": hashlib.sha256("\n".join(vocabulary).encode()).hexdigest()[:16],
        "fuzz": {
            name: [digest(bert_tokenizer(vocabulary, name), fuzz_group(g)) for g in range(GROUPS)] for name in VARIANTS
        },
    }
    if args:
        csv.field_size_limit(1 << 30)
        tokenizer = load_shared(args[0])
        result["bertFuzz"] = [digest(tokenizer, fuzz_group(g)) for g in range(GROUPS)]
        result["shared"] = {}
        for name, columns in FILES.items():
            with open(os.path.join(args[0], name), newline="", encoding="utf-8-sig") as file:
                rows = list(csv.DictReader(file))
            texts = [row[column] or "" for row in rows for column in columns]
            result["shared"][name] = {
                "columns": columns,
                "rows": len(rows),
                "texts": hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16],
                "encodings": digest(tokenizer, texts),
            }
    print(json.dumps(result, indent=1))


main()
