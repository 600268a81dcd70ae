"""Small seeded checkpoints of RoBERTa, XLM-RoBERTa and ModernBERT as save_pretrained writes them, each with a tokenizer
of its kind trained on the bundled sample; and what PyTorch makes of them: token ids, logits, loss, every gradient,
20 clipped AdamW steps.
Run: python test/parity/reference/checkpoints.py
     (torch 2.15.0, transformers 5.23.0, tokenizers 0.23.3, sentencepiece 0.2.3, CPU, float32)
Writes checkpoints/ beside this script: in each folder the checkpoint, expected.json and expected.safetensors.
"""
import json
import pathlib
import shutil
import tempfile
import sentencepiece
import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (AutoModelForSequenceClassification, AutoTokenizer, ModernBertConfig,
                          ModernBertForSequenceClassification, PreTrainedTokenizerFast, RobertaConfig,
                          RobertaForSequenceClassification, RobertaTokenizer, XLMRobertaConfig,
                          XLMRobertaForSequenceClassification, XLMRobertaTokenizer)

here = pathlib.Path(__file__).parent
out = here / "checkpoints"
torch.set_num_threads(1)
CLASSES = 3
MAX_TOKENS = 40
PIECES = 340

sample = [json.loads(line) for line in (here / "../../../sample/articles.jsonl").read_text().strip().split("\n")]
corpus = [f"{row['title']} {row['text']}" for row in sample]
ALPHABET = pre_tokenizers.ByteLevel.alphabet()

# Invented; what tokenizers differ in stands in them: accents composed and not, emoji, CRLF, runs of spaces, special
# tokens written out, a word longer than any piece, characters that SentencePiece replaces.
TEXTS = [
    "The council voted on the price of water.",
    "  Two   spaces,\ttabs and\r\nCRLF; the end.\n\n",
    "El ni\u00f1o comi\u00f3 la se\u00f1al \u2014 y volvi\u00f3.",
    "El nin\u0303o comio\u0301, no\u0308 \u00bfverdad?",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 voted \U0001f1e9\U0001f1f0 \u2764\ufe0f!",
    "<s> written </s> by <mask> hand [MASK] [CLS]",
    "supercalifragilistic" * 6,
    "\ufb01ne \u2460 \u00bd \uff37\uff29\uff24\uff25 \u2122 x\u00a0y z\ufeffz a\u0085b",
    "don't I'LL we've 1234567 3.14 (\u201cquoted\u201d)",
    "\u6f22\u5b57\u304b\u306a \ud55c\uad6d\uc5b4 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u0e44\u0e17\u0e22",
    "",
    "||| |||IP_ADDRESS||| |||",
    "<pad> and [PAD] written out",
]
# Of the first seven: batches of four and three. None has a padding token written out: transformers would count RoBERTa's
# positions from there on without it, and we count every token.
LABELS = [0, 1, 2, 1, 0, 2, 1]


def roberta_tokenizer():
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=PIECES, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], initial_alphabet=ALPHABET,
        show_progress=False))
    model = json.loads(trained.to_str())["model"]
    vocab = {**model["vocab"], "<mask>": len(model["vocab"])}
    mask = AddedToken("<mask>", lstrip=True, normalized=True, special=True)  # as roberta-base has it
    return RobertaTokenizer(vocab=vocab, merges=[tuple(m) for m in model["merges"]], mask_token=mask,
                            model_max_length=MAX_TOKENS)


def xlm_roberta_tokenizer():
    with tempfile.TemporaryDirectory() as folder:
        lines = pathlib.Path(folder) / "lines.txt"
        lines.write_text("\n".join(line for text in corpus for line in text.split("\n")))
        sentencepiece.SentencePieceTrainer.train(
            input=str(lines), model_prefix=f"{folder}/small", vocab_size=PIECES, model_type="unigram",
            normalization_rule_name="nmt_nfkc", unk_id=0, bos_id=1, eos_id=2, pad_id=-1, num_threads=1,
            minloglevel=2)
        proto = sentencepiece_model_pb2.ModelProto()
        proto.ParseFromString((pathlib.Path(folder) / "small.model").read_bytes())
    vocab = [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>")]
    vocab += [(piece.piece, piece.score) for piece in proto.pieces[3:]] + [("<mask>", 0.0)]
    return XLMRobertaTokenizer(vocab=vocab, _spm_precompiled_charsmap=proto.normalizer_spec.precompiled_charsmap,
                               mask_token=AddedToken("<mask>", lstrip=True, normalized=True, special=True),
                               model_max_length=MAX_TOKENS)


def modernbert_tokenizer():
    """As ModernBERT-base has it: NFC, byte-level BPE, runs of spaces and placeholders as added tokens."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.NFC()
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True)
    trained.decoder = decoders.ByteLevel()
    trained.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=PIECES, special_tokens=["<|padding|>"], initial_alphabet=ALPHABET, show_progress=False))
    trained.add_tokens([AddedToken("|||IP_ADDRESS|||", normalized=True)])
    trained.add_tokens([AddedToken(" " * n, normalized=True) for n in range(8, 1, -1)])
    trained.add_special_tokens(["<|endoftext|>", "[UNK]", "[CLS]", "[SEP]", "[PAD]",
                                AddedToken("[MASK]", lstrip=True, special=True, normalized=False)])
    trained.add_tokens([AddedToken("[unused0]", normalized=True)])
    frame = [(name, trained.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    trained.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=frame)
    return PreTrainedTokenizerFast(
        tokenizer_object=trained, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
        mask_token=AddedToken("[MASK]", lstrip=True, special=True, normalized=False),
        model_input_names=["input_ids", "attention_mask"], model_max_length=MAX_TOKENS)


common = dict(hidden_size=16, num_attention_heads=2, num_labels=CLASSES, attn_implementation="eager")
bert_like = dict(intermediate_size=24, num_hidden_layers=2, max_position_embeddings=MAX_TOKENS + 2, pad_token_id=1,
                 bos_token_id=0, eos_token_id=2, type_vocab_size=1, layer_norm_eps=1e-5, **common)


def modernbert_config(tokenizer):
    ids = {f"{kind}_token_id": getattr(tokenizer, f"{name}_token_id")
           for kind, name in (("pad", "pad"), ("bos", "cls"), ("cls", "cls"), ("eos", "sep"), ("sep", "sep"))}
    return ModernBertConfig(
        vocab_size=len(tokenizer), intermediate_size=24, num_hidden_layers=4, global_attn_every_n_layers=3,
        local_attention=8, max_position_embeddings=64, classifier_pooling="cls", **ids, **common)


checkpoints = {
    "roberta": (roberta_tokenizer, lambda t: RobertaForSequenceClassification(
        RobertaConfig(vocab_size=len(t), **bert_like))),
    "xlm-roberta": (xlm_roberta_tokenizer, lambda t: XLMRobertaForSequenceClassification(
        XLMRobertaConfig(vocab_size=len(t), **bert_like))),
    "modernbert": (modernbert_tokenizer, lambda t: ModernBertForSequenceClassification(modernbert_config(t))),
}


def train(model, batches):
    values = {}
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [dict(params=decayed, weight_decay=0.01), dict(params=plain, weight_decay=0.0)], lr=1e-3)
    losses, norms = [], []
    for step in range(20):
        inputs, labels = batches[step % 2]
        result = model(**inputs, output_hidden_states=True)
        loss = torch.nn.functional.cross_entropy(result.logits, labels)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            values["logits"] = result.logits.detach().clone()
            values["hidden"] = result.hidden_states[-1].detach().clone()
            values.update({f"gradient.{n}": p.grad.clone() for n, p in model.named_parameters()})
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
        losses.append(float(loss.detach()))
        optimizer.step()
    values.update({f"final.{n}": p.detach().clone() for n, p in model.named_parameters()})
    return values, losses, norms


shutil.rmtree(out, ignore_errors=True)
for seed, (name, (create_tokenizer, create_model)) in enumerate(checkpoints.items()):
    folder = out / name
    create_tokenizer().save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(seed + 11)
    model = create_model(tokenizer).eval()
    with torch.no_grad():
        for key, p in model.named_parameters():
            is_gain = p.ndim == 1 and "norm" in key.lower() and key.endswith("weight")
            p.copy_(1 + 0.1 * torch.randn_like(p) if is_gain else 0.3 * torch.randn_like(p))
    model.save_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()

    encodings = [tokenizer(text, truncation=True, max_length=MAX_TOKENS)["input_ids"] for text in TEXTS]
    batches = []
    for rows in (slice(0, 4), slice(4, 7)):
        inputs = tokenizer(TEXTS[rows], truncation=True, max_length=MAX_TOKENS, padding=True, return_tensors="pt")
        batches.append((dict(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]),
                        torch.tensor(LABELS[rows])))
    values, losses, norms = train(model, batches)
    save_file({k: v.contiguous() for k, v in values.items()}, folder / "expected.safetensors")
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    (folder / "expected.json").write_text(json.dumps(dict(
        torch=torch.__version__, transformers=transformers.__version__, tokenizers=tokenizers.__version__,
        maxTokens=MAX_TOKENS, texts=TEXTS, ids=encodings,
        whole=[tokenizer.backend_tokenizer.encode(text).ids for text in TEXTS],
        offsets=[[[a, b] for a, b in tokenizer.backend_tokenizer.encode(text).offsets] for text in TEXTS],
        losses=losses, norms=norms,
        batches=[dict(inputIds=i["input_ids"].tolist(), attentionMask=i["attention_mask"].tolist(), labels=l.tolist())
                 for i, l in batches])) + "\n")
    print(name, len(tokenizer), [tuple(i["input_ids"].shape) for i, _ in batches], losses[0], losses[-1],
          sum(p.stat().st_size for p in folder.iterdir()), sorted(p.name for p in folder.iterdir()))
