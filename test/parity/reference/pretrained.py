"""Checkpoints as Python saves them, and their logits on 64 articles of the bundled sample: both families, with a frozen
encoder and fine-tuned whole; each stored another way (one file, shards, float16, bfloat16; tokenizer.json or vocab.txt).

Run: python test/parity/reference/pretrained.py     (torch 2.15.0, transformers 5.23.0, tokenizers 0.23, CPU)
Writes pretrained/ beside this script. Weights are random, seeded, and trained for a few steps.
"""
import json
import pathlib
import shutil

import torch
import transformers
from tokenizers import BertWordPieceTokenizer
from transformers import (AutoModelForSequenceClassification, AutoTokenizer, BertConfig,
                          BertForSequenceClassification, BertTokenizer, DistilBertConfig,
                          DistilBertForSequenceClassification, DistilBertTokenizer)

here = pathlib.Path(__file__).parent
out = here / "pretrained"
torch.set_num_threads(1)
MAX_TOKENS = 32
lines = (here / "../../../sample/articles.jsonl").read_text().strip().split("\n")
rows = [json.loads(line) for line in lines[:: len(lines) // 64][:64]]
contents = [f"{row['title']} {row['text']}" for row in rows]
labels = torch.tensor([["FAKE", "REAL"].index(row["label"]) for row in rows])

common = dict(max_position_embeddings=MAX_TOKENS + 8, id2label={0: "FAKE", 1: "REAL"}, label2id={"FAKE": 0, "REAL": 1})
families = {
    "distilbert": lambda v: DistilBertForSequenceClassification(DistilBertConfig(
        vocab_size=v, dim=16, hidden_dim=32, n_layers=2, n_heads=4, **common)),
    "bert": lambda v: BertForSequenceClassification(BertConfig(
        vocab_size=v, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4, **common)),
}
cases = {
    "distilbert-frozen": dict(lowercase=True, dtype=torch.float32),
    "distilbert-tuned": dict(lowercase=True, dtype=torch.float32, shard="16KB"),
    "bert-frozen": dict(lowercase=False, dtype=torch.float16, only_vocabulary=True),
    "bert-tuned": dict(lowercase=True, dtype=torch.bfloat16),
}
shutil.rmtree(out, ignore_errors=True)
logits = {}
for seed, (name, case) in enumerate(cases.items()):
    family, scope = name.split("-")
    folder = out / name
    folder.mkdir(parents=True)
    trained = BertWordPieceTokenizer(lowercase=case["lowercase"])
    trained.train_from_iterator(contents, vocab_size=300, min_frequency=2, show_progress=False)
    trained.save_model(str(folder))
    kind = BertTokenizer if family == "bert" else DistilBertTokenizer
    tokenizer = kind(vocab=trained.get_vocab(), do_lower_case=case["lowercase"])
    tokenizer.save_pretrained(folder)
    if case.get("only_vocabulary"):
        (folder / "tokenizer.json").unlink()
    else:
        (folder / "vocab.txt").unlink()

    torch.manual_seed(seed)
    model = families[family](len(tokenizer))
    with torch.no_grad():
        for key, p in model.named_parameters():
            if p.ndim > 1:
                p.normal_(0, 0.2)
    for key, p in model.base_model.named_parameters():
        p.requires_grad_(scope == "tuned" or "pooler" in key)
    inputs = tokenizer(contents, truncation=True, max_length=MAX_TOKENS, padding=True, return_tensors="pt")
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    model.train()
    for _ in range(20):
        loss = model(**inputs, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.to(case["dtype"]).save_pretrained(folder, **({"max_shard_size": case["shard"]} if "shard" in case else {}))

    again = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    inputs = AutoTokenizer.from_pretrained(folder)(
        contents, truncation=True, max_length=MAX_TOKENS, padding=True, return_tensors="pt")
    with torch.no_grad():
        logits[name] = again(**inputs).logits.flatten().tolist()
    print(name, "loss", float(loss.detach()), "files", sorted(p.name for p in folder.iterdir()), logits[name][:4])
(out / "logits.json").write_text(json.dumps(dict(
    torch=torch.__version__, transformers=transformers.__version__, maxTokens=MAX_TOKENS,
    articles=[row["id"] for row in rows], logits=logits)) + "\n")
