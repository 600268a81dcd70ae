# Writes the Parquet files of test/data/reference/parquet with pyarrow, pandas and the `datasets` library of Hugging Face. The texts
# are invented. Run: python parquet-files.py FOLDER   (tried with pyarrow 26.0.1, pandas 3.1.1, datasets as printed)
import datetime, decimal, sys
import pyarrow as pa, pyarrow.parquet as pq

out = sys.argv[1]
ROWS = 40
titles = [f"Ferry {i} – Fähre" if i % 7 else None for i in range(ROWS)]
texts = [f"The ferry number {i} sailed, “again”. " * (1 + i % 3) for i in range(ROWS)]
labels = [["REAL", "FAKE"][i % 2] for i in range(ROWS)]
plain = pa.table({"title": titles, "text": texts, "label": labels})
for codec in ["NONE", "SNAPPY", "GZIP", "ZSTD", "BROTLI", "LZ4"]:
    pq.write_table(plain, f"{out}/{codec.lower()}.parquet", compression=codec, row_group_size=15)
pq.write_table(plain, f"{out}/pages-v2.parquet", data_page_version="2.0", use_dictionary=False, write_page_index=True,
               column_encoding={"text": "DELTA_LENGTH_BYTE_ARRAY", "label": "DELTA_BYTE_ARRAY", "title": "PLAIN"})
utc = datetime.timezone.utc
kinds = pa.table({
    "title": pa.array(["a", "b", None]),
    "text": pa.array(["one", "two", "three"]).dictionary_encode(),
    "label": pa.array([1, 0, None], pa.int8()),
    "day": pa.array([datetime.date(2017, 12, 31), None, datetime.date(1969, 7, 20)]),
    "milliseconds": pa.array([datetime.datetime(2017, 12, 31, 23, 59, 59, 250000)] * 3, pa.timestamp("ms")),
    "microseconds": pa.array([datetime.datetime(2017, 12, 31, 23, 59, 59)] * 3, pa.timestamp("us", "UTC")),
    "nanoseconds": pa.array([datetime.datetime(2017, 12, 31, 23, 59, 59)] * 3, pa.timestamp("ns")),
    "big": pa.array([9007199254740993, -1, None], pa.int64()),
    "unsigned": pa.array([18446744073709551615, 0, 1], pa.uint64()),
    "ratio": pa.array([1.0, 0.5, float("nan")]),
    "money": pa.array([decimal.Decimal("12.50"), None, decimal.Decimal("-0.05")], pa.decimal128(9, 2)),
    "flag": pa.array([True, False, None]),
    "tags": pa.array([["x", "y"], [], None]),
    "place": pa.array([{"name": "Fennel", "n": 1}] * 3),
    "bytes": pa.array([b"\xff\xfe", b"ok", None], pa.binary()),
})
pq.write_table(kinds, f"{out}/kinds.parquet")
# A text that is not UTF-8: written as bytes, then called a string.
bad = pa.table({"title": ["a", "b"], "text": pa.array([b"M\xfcll", b"fine"], pa.binary())})
pq.write_table(bad, f"{out}/not-utf8.parquet")
pq.write_table(plain.slice(0, 0), f"{out}/no-rows.parquet")

import pandas as pd
pd.DataFrame({"title": titles[:4], "text": texts[:4], "label": pd.Categorical(labels[:4])},
             index=[3, 1, 2, 0]).to_parquet(f"{out}/pandas.parquet")

import datasets
from datasets import ClassLabel, Dataset, Features, Value
features = Features({"text": Value("string"), "label": ClassLabel(names=["REAL", "FAKE"])})
Dataset.from_dict({"text": texts[:12], "label": [i % 2 for i in range(12)]}, features=features).to_parquet(f"{out}/datasets.parquet")
print("pyarrow", pa.__version__, "pandas", pd.__version__, "datasets", datasets.__version__)
