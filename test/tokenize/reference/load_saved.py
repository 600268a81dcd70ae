"""Loads a tokenizer that the program saved, with `tokenizers` and with `transformers`, and writes what they make of the
fuzzed texts: python test/tokenize/reference/load_saved.py FOLDER > test/tokenize/reference/saved.json

FOLDER is written by: npx tsx test/tokenize/saved-example.ts FOLDER
"""
import hashlib
import json
import os
import sys
import tempfile
from shutil import copytree

import tokenizers
import transformers
from fuzz_text import GROUPS, fuzz_group
from transformers import AutoTokenizer

folder = sys.argv[1]
texts = [text for group in range(GROUPS) for text in fuzz_group(group)]


def digest(rows):
    return hashlib.sha256("".join(",".join(map(str, ids)) + "\n" for ids in rows).encode()).hexdigest()[:16]


raw = tokenizers.Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
raw.enable_truncation(64)
result = {
    "versions": {"tokenizers": tokenizers.__version__, "transformers": transformers.__version__},
    "files": {name: hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest()[:16] for name in sorted(os.listdir(folder))},
    "tokenizers": digest(raw.encode(text).ids for text in texts),
    "transformers": {},
}
for model_type in ["modernbert", "bert", "distilbert"]:
    with tempfile.TemporaryDirectory() as copy:
        copytree(folder, copy, dirs_exist_ok=True)
        with open(os.path.join(copy, "config.json"), "w") as file:
            json.dump({"model_type": model_type}, file)
        auto = AutoTokenizer.from_pretrained(copy)
        assert auto.is_fast and auto.model_max_length == 64 and auto.pad_token_id == 0 and auto.mask_token_id == 4
        assert list(auto("x")) == ["input_ids", "attention_mask"]
        result["transformers"][model_type] = digest(auto(text, truncation=True)["input_ids"] for text in texts)
print(json.dumps(result, indent=1))
