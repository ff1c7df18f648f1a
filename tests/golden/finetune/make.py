#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loss, every gradient and a few AdamW steps of small classifiers, computed by transformers in float64.

    make.py      writes cells.safetensors and genes.safetensors beside this file

cells: BertForSequenceClassification, three classes. genes: BertForTokenClassification, two classes, labels -100 at most
positions. Also: the loss with class weights and with focal weighting (gamma 2), and the gradient of the classifier
there; the loss and gradients with the first two layers and the embeddings frozen are those of the same pass. Weights
and biases are random ("lively"): plain initialisation hides errors. Dropout is off. Cells are stored ragged; the padded
batch that transformers needs is made here.
"""
import datetime
import json
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification, BertForTokenClassification

STEPS, RATE, DECAY, GAMMA = 5, 1e-3, 0.01, 2.0
CLASS_WEIGHTS = [0.5, 2.0, 1.25]


def small_model(kind, classes):
    torch.manual_seed(11)
    config = BertConfig(vocab_size=97, hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=48,
                        max_position_embeddings=64, hidden_act="relu", type_vocab_size=2, layer_norm_eps=1e-12,
                        hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1, pad_token_id=0, num_labels=classes)
    model = kind(config)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.normal_(1.0 if "LayerNorm.weight" in name else 0.0, 0.3 if "LayerNorm" not in name else 0.1)
    return model


def batch_of(seed):
    rng = np.random.default_rng(seed)
    return [rng.permutation(np.arange(2, 97))[:n].tolist() for n in (17, 1, 48, 33, 64)]


def padded(cells, fill=0):
    width = max(len(c) for c in cells)
    ids = torch.full((len(cells), width), fill)
    for i, cell in enumerate(cells):
        ids[i, :len(cell)] = torch.tensor(cell)
    return ids


def weighted(logits, labels, weights, gamma):
    """Sum of w (1-p)^gamma (-log p) divided by the sum of w."""
    log_p = torch.log_softmax(logits, 1).gather(1, labels[:, None])[:, 0]
    w = weights[labels]
    return (w * (1 - log_p.exp()) ** gamma * -log_p).sum() / w.sum()


def make(kind, classes, out, token_level):
    model = small_model(kind, classes)
    named = list(model.named_parameters())
    start = {f"weight.{n}": p.detach().float().clone() for n, p in named}
    model = model.double().eval()
    tensors = dict(start)
    batches = []
    for step in range(STEPS):
        cells = batch_of(20 + step)
        rng = np.random.default_rng(40 + step)
        if token_level:
            labels = [[int(rng.integers(classes)) if rng.random() < 0.2 or len(c) == 1 else -100 for _ in c]
                      for c in cells]
        else:
            labels = [int(v) for v in rng.permutation(np.arange(len(cells)) % classes)]
        batches.append((cells, labels))

    def run(cells, labels):
        ids = padded(cells)
        mask = padded([[1] * len(c) for c in cells])
        target = padded(labels, -100) if token_level else torch.tensor(labels)
        return model(input_ids=ids, attention_mask=mask, labels=target), target

    output, target = run(*batches[0])
    output.loss.backward()
    tensors |= {f"gradient.{n}": p.grad.float().clone() for n, p in named}
    flat = output.logits.reshape(-1, classes)[target.reshape(-1) != -100]
    chosen = target.reshape(-1)[target.reshape(-1) != -100]
    tensors["logits"] = flat.detach().clone()
    weights = torch.tensor(CLASS_WEIGHTS[:classes], dtype=torch.float64)
    losses_of_rules = []
    for gamma in (0.0, GAMMA):
        model.zero_grad()
        output, _ = run(*batches[0])
        flat = output.logits.reshape(-1, classes)[target.reshape(-1) != -100]
        loss = weighted(flat, chosen, weights, gamma)
        if gamma == 0.0:
            assert torch.isclose(loss, torch.nn.functional.cross_entropy(flat, chosen, weight=weights))
        loss.backward()
        losses_of_rules.append(loss.item())
        tensors[f"classifier_gradient.{int(gamma)}"] = model.classifier.weight.grad.float().clone()
    plain = lambda n: n.endswith("bias") or "LayerNorm" in n
    optimiser = torch.optim.AdamW([{"params": [p for n, p in named if not plain(n)], "weight_decay": DECAY},
                                   {"params": [p for n, p in named if plain(n)], "weight_decay": 0.0}], lr=RATE)
    losses, norms = [], []
    for cells, labels in batches:
        optimiser.zero_grad()
        loss = run(cells, labels)[0].loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        optimiser.step()
        losses.append(loss.item())
    tensors |= {f"after.{n}": p.detach().float().clone() for n, p in named}
    tensors |= {"losses": torch.tensor(losses, dtype=torch.float64), "norms": torch.tensor(norms, dtype=torch.float64),
                "weighted_losses": torch.tensor(losses_of_rules, dtype=torch.float64), "class_weights": weights,
                "lengths": torch.tensor([len(c) for c in batches[0][0]])}
    for i, (cells, labels) in enumerate(batches):
        tensors[f"tokens.{i}"] = torch.tensor([t for c in cells for t in c])
        tensors[f"labels.{i}"] = torch.tensor([v for c in labels for v in c] if token_level else labels)
    config = {k: getattr(model.config, k) for k in (
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "hidden_act", "pad_token_id")}
    config |= {"model_type": "bert", "architectures": [kind.__name__], "hidden_dropout_prob": 0.0,
               "attention_probs_dropout_prob": 0.0, "id2label": {str(i): f"class {i}" for i in range(classes)}}
    save_file({k: v.contiguous() for k, v in tensors.items()}, Path(__file__).parent / out, metadata={
        "config": json.dumps(config), "rate": str(RATE), "decay": str(DECAY), "gamma": str(GAMMA),
        "torch": torch.__version__, "transformers": transformers.__version__, "made": str(datetime.date.today())})
    print(out, "losses", losses, "weighted, focal", losses_of_rules)


make(BertForSequenceClassification, 3, "cells.safetensors", False)
make(BertForTokenClassification, 2, "genes.safetensors", True)
