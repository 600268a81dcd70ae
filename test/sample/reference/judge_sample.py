"""Measures the accuracy of simple models on the synthetic sample: python judge_sample.py [families.json]

families.json is written by `npx tsx scripts/sample/generate.ts --families families.json`. With it, folds keep each
story frame on one side, so that a score can't come from having seen the same story. Needs scikit-learn.
"""
import json
import re
import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

root = Path(__file__).resolve().parents[3]
rows = [json.loads(line) for line in (root / "sample/articles.jsonl").open(encoding="utf8")]
families = json.loads(Path(sys.argv[1]).read_text()) if len(sys.argv) > 1 else None
y = np.array([row["label"] == "REAL" for row in rows]).astype(int)
texts = [re.sub(r"^[A-Z /]+ \(Nordwire\) - ", "", row["text"]) for row in rows]
both = [row["title"] + " " + text for row, text in zip(rows, texts)]
hand = np.array([families is not None and families[row["id"]] == "hand" for row in rows])
random_folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(both, y))
# Hand-written pieces are groups of their own.
groups = [families[row["id"]].split("/")[0] if families and families[row["id"]] != "hand" else row["id"] for row in rows]
frame_folds = list(GroupKFold(5, shuffle=True, random_state=0).split(both, y, groups))


def formatting(text):
    words = max(1, len(text.split()))
    marks = [text.count(mark) / words for mark in '".,;:?!-%()']
    capitals = len(re.findall(r"\b[A-Z]{2,}\b", text)) / words
    return [*marks, capitals, len(re.findall(r"\d+", text)) / words, len(text) / words, len(re.findall(r"\b[A-Z]", text)) / words]


linear = lambda: LogisticRegression(C=10, max_iter=2000)
words = lambda: make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), linear())
one_hot = lambda: make_pipeline(CountVectorizer(analyzer=lambda value: [value]), LogisticRegression())
scaled = lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
inputs = {
    "words and bigrams": (words, both),
    "words and bigrams of the text": (words, texts),
    "words and bigrams of the title": (words, [row["title"] for row in rows]),
    "outlet": (one_hot, [row["source"] for row in rows]),
    "topic": (one_hot, [row["topic"] for row in rows]),
    "outlet and topic": (one_hot, [row["source"] + row["topic"] for row in rows]),
    "length": (scaled, [[len(text.split()), np.log(len(text.split()))] for text in texts]),
    "formatting": (scaled, [formatting(text) for text in texts]),
}
print(f"{len(rows)} rows, {y.mean():.3f} REAL, median words {np.median([len(t.split()) for t in texts]):.0f}")
for label, name in ((0, "FAKE"), (1, "REAL")):
    lengths = [len(t.split()) for t, own in zip(texts, y) if own == label]
    print(f"  {name}: words {np.percentile(lengths, [5, 25, 50, 75, 95])}")
for name, (model, values) in inputs.items():
    for folds_name, folds in (("random", random_folds), ("by frame", frame_folds)):
        predicted = cross_val_predict(model(), values if isinstance(values[0], str) else np.array(values), y, cv=folds)
        print(f"{name:32s} {folds_name:9s} accuracy {np.mean(predicted == y):.3f}", end="")
        if hand.any() and folds_name == "by frame" and model is words:
            print(f"  hand-written {np.mean((predicted == y)[hand]):.3f}", end="")
            if name == "words and bigrams":
                plan = np.array([f"{row['label']} {families[row['id']].split('/')[-1]}" for row in rows])
                print("  " + ", ".join(f"{p} {np.mean((predicted == y)[plan == p]):.2f} ({np.sum(plan == p)})" for p in sorted(set(plan))), end="")
        print()
