#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masked-LM loss, every gradient and a few AdamW steps of a small BERT, computed by transformers in float64.

    make.py                          writes golden.safetensors beside this file
    make.py MODEL TOKENS OUT [N]     the same for any model folder and token list (by hand, for large models)

Weights and biases are random ("lively"): plain initialisation hides errors. Dropout is off. Cells are stored ragged;
the padded batch that transformers needs is made here.
"""
import datetime
import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM

STEPS, RATE, DECAY = 5, 1e-3, 0.01


def small_model():
    torch.manual_seed(7)
    config = BertConfig(vocab_size=97, hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=48,
                        max_position_embeddings=64, hidden_act="relu", type_vocab_size=2, layer_norm_eps=1e-12,
                        hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1, pad_token_id=0)
    model = BertForMaskedLM(config)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.normal_(1.0 if "LayerNorm.weight" in name else 0.0, 0.3 if "LayerNorm" not in name else 0.1)
    return model


def small_cells():
    rng = np.random.default_rng(5)
    return [rng.permutation(np.arange(2, 97))[:n].tolist() for n in (17, 1, 48, 33, 64)]


def masked(cells, vocabulary, seed):
    rng = np.random.default_rng(seed)
    seen, rows, targets, row = [], [], [], 0
    for cell in cells:
        for token in cell:
            if rng.random() < 0.15:
                rows.append(row)
                targets.append(token)
                u = rng.random()
                token = 1 if u < 0.8 else int(rng.integers(0, vocabulary)) if u < 0.9 else token
            seen.append(token)
            row += 1
    return seen, rows, targets


def loss_of(model, lengths, seen, rows, targets):
    ids = torch.zeros((len(lengths), max(lengths)), dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    flat = torch.full((sum(lengths),), -100)
    flat[torch.tensor(rows)] = torch.tensor(targets)
    begin = 0
    for i, n in enumerate(lengths):
        ids[i, :n] = torch.tensor(seen[begin:begin + n])
        labels[i, :n] = flat[begin:begin + n]
        mask[i, :n] = 1
        begin += n
    return model(input_ids=ids, attention_mask=mask, labels=labels).loss


def main():
    if len(sys.argv) > 1:
        model = BertForMaskedLM.from_pretrained(sys.argv[1])
        cells = json.loads(Path(sys.argv[2]).read_text())["cells"]
        cells = cells[:int(sys.argv[4])] if len(sys.argv) > 4 else cells
        out = Path(sys.argv[3])
    else:
        model, cells, out = small_model(), small_cells(), Path(__file__).parent / "golden.safetensors"
    start = {f"weight.{n}": p.detach().float().clone() for n, p in model.named_parameters()}
    model = model.double().eval()
    lengths = [len(c) for c in cells]
    batches = [masked(cells, model.config.vocab_size, 100 + s) for s in range(STEPS)]
    loss = loss_of(model, lengths, *batches[0])
    loss.backward()
    tensors = start | {f"gradient.{n}": p.grad.float().clone() for n, p in model.named_parameters()}
    plain = lambda n: n.endswith("bias") or "LayerNorm" in n
    named = list(model.named_parameters())
    optimiser = torch.optim.AdamW([{"params": [p for n, p in named if not plain(n)], "weight_decay": DECAY},
                                   {"params": [p for n, p in named if plain(n)], "weight_decay": 0.0}], lr=RATE)
    losses, norms = [], []
    for batch in batches:
        optimiser.zero_grad()
        step_loss = loss_of(model, lengths, *batch)
        step_loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        optimiser.step()
        losses.append(step_loss.item())
    tensors |= {f"after.{n}": p.detach().float().clone() for n, p in named}
    tensors |= {"lengths": torch.tensor(lengths), "losses": torch.tensor(losses, dtype=torch.float64),
                "norms": torch.tensor(norms, dtype=torch.float64)}
    for i, (seen, rows, targets) in enumerate(batches):
        tensors |= {f"seen.{i}": torch.tensor(seen), f"rows.{i}": torch.tensor(rows),
                    f"targets.{i}": torch.tensor(targets)}
    config = {k: getattr(model.config, k) for k in (
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "hidden_act", "pad_token_id")}
    config |= {"model_type": "bert", "architectures": ["BertForMaskedLM"], "hidden_dropout_prob": 0.0,
               "attention_probs_dropout_prob": 0.0}
    save_file({k: v.contiguous() for k, v in tensors.items()}, out, metadata={
        "config": json.dumps(config), "rate": str(RATE), "decay": str(DECAY), "torch": torch.__version__,
        "transformers": transformers.__version__, "made": str(datetime.date.today())})
    print(out, "loss", loss.item(), "steps", losses)


main()
