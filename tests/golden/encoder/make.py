#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small BERT models with random weights, and what transformers computes with them in float64.

    make.py [FOLDER]

Every weight, bias and LayerNorm parameter is random, attention is uneven, so that a forgotten bias, a swapped LayerNorm
or a wrong scale shows in the numbers. Weights are rounded to float16 before anything is computed and stored as float16:
the folder stays small and both sides still have exactly the same values. `wide` has 64-wide heads as all published
models, `narrow` 32-wide ones. Cells are computed one by one, without padding.
"""
import datetime
import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification

VOCABULARY, POSITIONS, LAYERS, CLASSES = 240, 160, 3, 3
SHAPES = {"wide": (128, 2, 96), "narrow": (64, 2, 96)}  # hidden, heads, feed-forward
LENGTHS = (150, 17, 1)       # more than one block of keys; an odd remainder; a single token
ATTENTION_CELL = 1           # the only cell whose attention is stored
MASKED = (0, 3, 64, 127, 128, 149, 150, 158, 166, 167)  # rows of the pack that enter the masked-LM loss


def enliven(model, generator, width):
    with torch.no_grad():
        for name, p in sorted(model.state_dict().items()):
            if "predictions.decoder" in name or not p.is_floating_point():
                continue
            noise = torch.randn(p.shape, generator=generator)
            if name.endswith("LayerNorm.weight"):
                value = 1 + 0.1 * noise
            elif name.endswith("bias") or "embeddings" in name:
                value = 0.05 * noise
            elif ".self.query." in name or ".self.key." in name:
                value = noise * width ** -0.5
            else:
                value = 0.6 * noise * width ** -0.5
            p.copy_(value.half().float())
        model.get_input_embeddings().weight[0].zero_()


def write(model, folder):
    folder.mkdir(parents=True, exist_ok=True)
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    save_file({k: v.half().contiguous().clone() for k, v in model.state_dict().items()
               if "predictions.decoder" not in k}, folder / "model.safetensors", metadata={"format": "pt"})


def run(model, cell):
    with torch.no_grad():
        return model(input_ids=torch.tensor([cell]), output_hidden_states=True, output_attentions=True)


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    rng = np.random.default_rng(11)
    cells = [rng.permutation(np.arange(4, VOCABULARY))[:n].tolist() for n in LENGTHS]
    labels = rng.integers(4, VOCABULARY, len(MASKED)).tolist()
    cell_labels = rng.integers(0, CLASSES, len(cells)).tolist()
    gene_labels = [-100 if rng.random() < 0.3 else int(rng.integers(0, CLASSES)) for _ in range(sum(LENGTHS))]
    for name, (hidden, heads, ffn) in SHAPES.items():
        config = dict(vocab_size=VOCABULARY, max_position_embeddings=POSITIONS, hidden_size=hidden, hidden_act="relu",
                      num_hidden_layers=LAYERS, num_attention_heads=heads, intermediate_size=ffn, pad_token_id=0,
                      layer_norm_eps=1e-12, attn_implementation="eager")
        generator = torch.Generator().manual_seed(5)
        lm = BertForMaskedLM(BertConfig(**config)).eval()
        enliven(lm, generator, hidden)
        write(lm, out / name)
        expected = {}
        lm.double()
        results = [run(lm, c) for c in cells]
        expected["hidden"] = torch.stack([torch.cat([r.hidden_states[i][0] for r in results])
                                          for i in range(LAYERS + 1)])
        expected["attention"] = torch.stack([a[0] for a in results[ATTENTION_CELL].attentions])
        logits = torch.cat([r.logits[0] for r in results])[list(MASKED)]
        expected["masked_lm_logits"] = logits
        expected["masked_lm_loss"] = torch.nn.functional.cross_entropy(logits, torch.tensor(labels)).reshape(1)
        if name == "narrow":
            for kind, cls in (("cell", BertForSequenceClassification), ("gene", BertForTokenClassification)):
                model = cls(BertConfig(**config, num_labels=CLASSES)).eval()
                enliven(model, generator, hidden)
                write(model, out / f"narrow-{kind}")
                model.double()
                logits = torch.cat([run(model, c).logits.reshape(-1, CLASSES) for c in cells])
                target = torch.tensor(cell_labels if kind == "cell" else gene_labels)
                expected[f"{kind}_logits"] = logits
                expected[f"{kind}_loss"] = torch.nn.functional.cross_entropy(logits, target).reshape(1)
        save_file({k: v.float().contiguous() for k, v in expected.items()}, out / f"{name}.expected.safetensors")
    record = {"cells": cells, "masked_rows": list(MASKED), "masked_labels": labels, "cell_labels": cell_labels,
              "gene_labels": gene_labels, "attention_cell": ATTENTION_CELL,
              "made": {"date": datetime.date.today().isoformat(), "torch": torch.__version__,
                       "transformers": transformers.__version__, "numpy": np.__version__}}
    (out / "inputs.json").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
