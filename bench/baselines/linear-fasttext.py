"""fastText's side of the linear bench: trains on one file, evaluates on another, prints JSON.

    python bench/baselines/linear-fasttext.py TRAIN TEST [threads]
"""
import json
import sys
import time

import fasttext

train, test = sys.argv[1:3]
threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
start = time.perf_counter()
model = fasttext.train_supervised(train, wordNgrams=2, dim=50, epoch=10, lr=0.5, thread=threads, verbose=0)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "accuracy": model.test(test)[1]}))
