"""Writes csv-readers.json: random small CSV files with the rows that Python's csv and DuckDB both read from them.

pip install duckdb==2.0.1; python csv-readers.py
"""
import csv
import io
import json
import os
import random
import tempfile

import duckdb

random.seed(9)
PIECES = ["a", "b c", '"', '""', ",", ",", "\n", "\n", ";", '"x"', "é", " ", '"y,z"', '"line\nline"']
cases = []


def with_duckdb(text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.csv")
        with open(path, "w", newline="", encoding="utf-8") as file:
            file.write(text)
        try:
            return [
                [value if value is not None else "" for value in row]
                for row in duckdb.sql(
                    f"select * from read_csv('{path}', header=true, delim=',', quote='\"', escape='\"', "
                    "columns={'h1': 'varchar', 'h2': 'varchar'}, auto_detect=false, strict_mode=true)"
                ).fetchall()
            ]
        except duckdb.Error:
            return None


def with_python(text):
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    return [row for row in rows[1:] if row != []]


seen = set()
while len(cases) < 250:
    text = "h1,h2\n" + "".join(random.choice(PIECES) for _ in range(random.randint(1, 14))) + "\n"
    if text in seen:
        continue
    seen.add(text)
    rows = with_python(text)
    if rows and all(len(row) == 2 for row in rows) and rows == with_duckdb(text):
        cases.append({"text": text, "rows": rows})

with open(os.path.join(os.path.dirname(__file__), "csv-readers.json"), "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")
