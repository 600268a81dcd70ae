"""Digests of the ids that the Rust `tokenizers` library (0.23.3) gives for fuzzed texts, by the tokenizers of the small
checkpoints (test/parity/reference/checkpoints.py).

Usage: python test/tokenize/reference/piece_digests.py > test/tokenize/reference/piece-digests.json
       python test/tokenize/reference/piece_digests.py CHECKPOINT GROUP    (prints one group in full)
"""
import hashlib
import json
import pathlib
import sys

import tokenizers
from fuzz_text import GROUPS, fuzz_group
from tokenizers import Tokenizer

checkpoints = pathlib.Path(__file__).parent / "../../parity/reference/checkpoints"


def lines(name, group):
    tokenizer = Tokenizer.from_file(str(checkpoints / name / "tokenizer.json"))
    return [",".join(map(str, encoding.ids)) + "\n" for encoding in tokenizer.encode_batch(fuzz_group(group))]


def digest(parts):
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]


if len(sys.argv) > 2:
    sys.stdout.writelines(lines(sys.argv[1], int(sys.argv[2])))
else:
    names = ("roberta", "xlm-roberta", "modernbert")
    print(json.dumps({"tokenizers": tokenizers.__version__, "ids": {
        name: [digest(lines(name, group)) for group in range(GROUPS)] for name in names}}))
