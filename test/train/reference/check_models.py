"""Loads what write-models.ts wrote: the merged or folded model with transformers, and base plus adapter with peft, and
prints by how much their logits differ from ours. Written for transformers 5.23, peft 0.21.2, torch 2.15.
python test/train/reference/check_models.py FOLDER
"""
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

root = Path(sys.argv[1])
worst = 0.0
for case in sorted(path for path in root.iterdir() if (path / 'logits.json').exists()):
    told = json.loads((case / 'logits.json').read_text())
    shape = (told['size'], told['length'])
    inputs = {
        'input_ids': torch.tensor(told['inputIds']).reshape(shape),
        'attention_mask': torch.tensor(told['attentionMask']).reshape(shape),
    }
    ours = torch.tensor(told['logits']).reshape(told['size'], -1)
    saved = AutoModelForSequenceClassification.from_pretrained(case / 'model').eval()
    models = {type(saved).__name__: saved}
    if (case / 'model' / 'adapter').exists():
        base = AutoModelForSequenceClassification.from_pretrained(case / 'base')
        models['peft'] = PeftModel.from_pretrained(base, case / 'model' / 'adapter').eval()
        models['peft merged'] = PeftModel.from_pretrained(
            AutoModelForSequenceClassification.from_pretrained(case / 'base'), case / 'model' / 'adapter'
        ).merge_and_unload().eval()
    for name, model in models.items():
        with torch.no_grad():
            difference = (model(**inputs).logits - ours).abs().max().item()
        worst = max(worst, difference)
        print(f'{case.name:20} {name:40} {difference:.2e}   (logits to {ours.abs().max():.2f})')
sys.exit(0 if worst < 1e-4 else f'a difference of {worst:.2e}')
