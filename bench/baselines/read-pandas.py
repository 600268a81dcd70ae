# Reads a data file with pandas (Parquet: pyarrow) and prints rows, characters, seconds and peak memory; or writes Parquet from CSV.
import json, re, sys, time
import pandas as pd

action, path = sys.argv[1:]
if action == "write":
    pd.read_csv(f"{path}/articles.csv", keep_default_na=False).to_parquet(f"{path}/articles.parquet")
    sys.exit()
start = time.perf_counter()
if path.endswith(".parquet"):
    frame = pd.read_parquet(path)
elif path.endswith(".jsonl"):
    frame = pd.read_json(path, lines=True, dtype=False)
elif path.endswith(".json"):
    frame = pd.read_json(path, dtype=False)
else:
    frame = pd.read_csv(path, keep_default_na=False)
characters = int(frame["title"].str.len().sum() + frame["text"].str.len().sum())
seconds = time.perf_counter() - start
peak = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"rows": len(frame), "characters": characters, "seconds": seconds, "peakMb": peak}))
