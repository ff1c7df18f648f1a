#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loss, every gradient and a few AdamW steps of small classifiers, computed by transformers in float64.

    make.py      writes KIND.safetensors beside this file

cells: BertForSequenceClassification, three classes. genes: BertForTokenClassification, two classes, labels -100 at most
positions. pooled-mean, pooled-attention: three classes of cells, the classifier straight on the pooled positions of the
last layer, padding masked (behaviour spec 9.1), written here in torch on transformers' BertModel. numbers:
BertForSequenceClassification with problem_type "regression"; also the Huber loss of torch. For the classes also: the loss with class weights and with focal weighting (gamma 2), and the gradient of the classifier
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
from transformers import BertConfig, BertForSequenceClassification, BertForTokenClassification, BertModel
from transformers.modeling_outputs import SequenceClassifierOutput

STEPS, RATE, DECAY, GAMMA = 5, 1e-3, 0.01, 2.0
CLASS_WEIGHTS = [0.5, 2.0, 1.25]


class AttentionPool(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.attention_weights = torch.nn.Parameter(torch.empty(width, 1))

    def forward(self, states, mask):
        scores = (states @ self.attention_weights)[..., 0].masked_fill(mask == 0, -torch.inf)
        return (torch.softmax(scores, 1)[..., None] * states).sum(1)


class MeanPool(torch.nn.Module):
    def forward(self, states, mask):
        return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


class PooledClassifier(torch.nn.Module):
    """Encoder, pooling over the positions of a cell, linear classifier."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.bert = BertModel(config, add_pooling_layer=False)
        self.attention_pool = AttentionPool(config.hidden_size) if config.pooling == "attention" else MeanPool()
        self.classifier = torch.nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids, attention_mask, labels):
        states = self.bert(input_ids, attention_mask=attention_mask).last_hidden_state
        logits = self.classifier(self.attention_pool(states, attention_mask))
        return SequenceClassifierOutput(loss=torch.nn.functional.cross_entropy(logits, labels), logits=logits)


def small_model(kind, classes, **more):
    torch.manual_seed(11)
    config = BertConfig(vocab_size=97, hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=48,
                        max_position_embeddings=64, hidden_act="relu", type_vocab_size=2, layer_norm_eps=1e-12,
                        hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1, pad_token_id=0, num_labels=classes, **more)
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


def adamw_steps(model, named, losses_of_batches, tensors):
    plain = lambda n: n.endswith("bias") or "LayerNorm" in n
    optimiser = torch.optim.AdamW([{"params": [p for n, p in named if not plain(n)], "weight_decay": DECAY},
                                   {"params": [p for n, p in named if plain(n)], "weight_decay": 0.0}], lr=RATE)
    losses, norms = [], []
    for loss_of in losses_of_batches:
        optimiser.zero_grad()
        loss = loss_of()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        optimiser.step()
        losses.append(loss.item())
    tensors |= {f"after.{n}": p.detach().float().clone() for n, p in named}
    tensors |= {"losses": torch.tensor(losses, dtype=torch.float64), "norms": torch.tensor(norms, dtype=torch.float64)}
    return losses, norms


def write(model, tensors, out, architecture, names, **more):
    config = {k: getattr(model.config, k) for k in (
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "hidden_act", "pad_token_id")}
    config |= {"model_type": "bert", "architectures": [architecture], "hidden_dropout_prob": 0.0,
               "attention_probs_dropout_prob": 0.0, "id2label": names} | more
    save_file({k: v.contiguous() for k, v in tensors.items()}, Path(__file__).parent / out, metadata={
        "config": json.dumps(config), "rate": str(RATE), "decay": str(DECAY), "gamma": str(GAMMA),
        "torch": torch.__version__, "transformers": transformers.__version__, "made": str(datetime.date.today())})


def make_numbers(out):
    model = small_model(BertForSequenceClassification, 1, problem_type="regression")
    named = list(model.named_parameters())
    tensors = {f"weight.{n}": p.detach().float().clone() for n, p in named}
    model = model.double().eval()
    batches = []
    for step in range(STEPS):
        cells = batch_of(20 + step)
        batches.append((cells, np.random.default_rng(60 + step).normal(size=len(cells))))

    def run(cells, numbers):
        return model(input_ids=padded(cells), attention_mask=padded([[1] * len(c) for c in cells]),
                     labels=torch.tensor(numbers))

    output = run(*batches[0])
    output.loss.backward()
    tensors |= {f"gradient.{n}": p.grad.float().clone() for n, p in named}
    tensors["logits"] = output.logits.detach().clone()
    model.zero_grad()
    huber = torch.nn.functional.huber_loss(run(*batches[0]).logits[:, 0], torch.tensor(batches[0][1]))
    huber.backward()
    tensors["classifier_gradient.huber"] = model.classifier.weight.grad.float().clone()
    tensors["huber_loss"] = torch.tensor([huber.item()], dtype=torch.float64)
    tensors["lengths"] = torch.tensor([len(c) for c in batches[0][0]])
    for i, (cells, numbers) in enumerate(batches):
        tensors[f"tokens.{i}"] = torch.tensor([t for c in cells for t in c])
        tensors[f"targets.{i}"] = torch.tensor(numbers)
    losses, _ = adamw_steps(model, named, [lambda b=b: run(*b).loss for b in batches], tensors)
    write(model, tensors, out, "BertForSequenceClassification", {"0": "days"}, problem_type="regression")
    print(out, "losses", losses, "huber", huber.item())


def make(kind, classes, out, token_level, **more):
    model = small_model(kind, classes, **more)
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
    losses, norms = adamw_steps(model, named, [lambda b=b: run(*b)[0].loss for b in batches], tensors)
    tensors |= {"weighted_losses": torch.tensor(losses_of_rules, dtype=torch.float64), "class_weights": weights,
                "lengths": torch.tensor([len(c) for c in batches[0][0]])}
    for i, (cells, labels) in enumerate(batches):
        tensors[f"tokens.{i}"] = torch.tensor([t for c in cells for t in c])
        tensors[f"labels.{i}"] = torch.tensor([v for c in labels for v in c] if token_level else labels)
    write(model, tensors, out, kind.__name__ if kind is not PooledClassifier else "BertForSequenceClassification",
          {str(i): f"class {i}" for i in range(classes)}, **more)
    print(out, "losses", losses, "weighted, focal", losses_of_rules)


make(BertForSequenceClassification, 3, "cells.safetensors", False)
make(BertForTokenClassification, 2, "genes.safetensors", True)
make(PooledClassifier, 3, "pooled-mean.safetensors", False, pooling="mean")
make(PooledClassifier, 3, "pooled-attention.safetensors", False, pooling="attention")
make_numbers("numbers.safetensors")
