"""The cache as Python's huggingface_hub and transformers read and write it; see check-with-python.ts.

python_cache.py download FILE...   loads each file of org/tiny from HF_ENDPOINT, prints the snapshot folder
python_cache.py offline FILE...    the same with HF_HUB_OFFLINE=1: whatever is in the cache
python_cache.py model              loads org/tiny with transformers and prints the sum of its parameters
python_cache.py scan               prints what scan_cache_dir makes of the cache
"""

import os
import sys

mode, files = sys.argv[1], sys.argv[2:]
if mode in ("download", "offline"):
    from huggingface_hub import hf_hub_download

    print({os.path.dirname(hf_hub_download("org/tiny", file)) for file in files}.pop())
elif mode == "model":
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained("org/tiny")
    tokens = AutoTokenizer.from_pretrained("org/tiny")("a cache for two")["input_ids"]
    print(sum(p.double().sum().item() for p in model.parameters()), len(tokens))
elif mode == "scan":
    from huggingface_hub import scan_cache_dir

    info = scan_cache_dir()
    repo = next(iter(info.repos))
    revision = next(iter(repo.revisions))
    print(repo.repo_id, revision.commit_hash, sorted(revision.refs), repo.nb_files, list(map(str, info.warnings)))
