# SPDX-License-Identifier: GPL-3.0-or-later
"""Splits and learning rates of the published recipes, by the libraries that the published package calls.

    python make.py        writes golden.json beside this file

cells   labels of 1,013 cells of four classes and, for several limits and shares, the rows of every part after the steps of behaviour spec 8.2
        and 8.5: datasets.Dataset.shuffle and train_test_split, Python's random.sample
genes   labels of 83 genes of three classes, class by class, and the rows of every fold: StratifiedKFold, then train_test_split (spec 8.7)
rates   what transformers' get_scheduler multiplies a learning rate with: polynomial decay from 8.04e-4
"""
import datetime
import json
import pathlib
import random
from collections import defaultdict

import datasets
import numpy as np
import sklearn
import torch
import transformers
from sklearn.model_selection import StratifiedKFold, train_test_split

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(5)


def prepared(labels, max_cells, per_class):
    data = datasets.Dataset.from_dict({"row": list(range(len(labels))), "state": labels}).shuffle(seed=42)
    if max_cells and len(data) > max_cells:
        data = data.select(range(max_cells))
    if per_class:
        random.seed(42)
        members = defaultdict(list)
        for place, label in enumerate(data["state"]):
            members[label].append(place)
        chosen = []
        for places in members.values():
            chosen.extend(random.sample(places, per_class) if len(places) > per_class else places)
        data = data.select(chosen)
    return data


def cells(labels, max_cells, per_class, train, validation, test):
    data = prepared(labels, max_cells, per_class)
    parts = {"test": []}
    if test:
        both = data.train_test_split(test_size=test, seed=42)
        data, held = both["train"], both["test"]["row"]
        # the published evaluation passes over a last batch of one cell
        parts["test"] = sorted(held[:-1] if len(held) % 100 == 1 and len(held) > 1 else held)
    both = data.shuffle(seed=42).train_test_split(test_size=validation / (train + validation), seed=42)
    parts["train"], parts["validation"] = sorted(both["train"]["row"]), sorted(both["test"]["row"])
    return {"max_cells": max_cells, "per_class": per_class, "validation_share": validation, "test_share": test, **parts}


def genes(labels, folds):
    labels = np.array(labels)
    test_ratio = 0.1 / (0.1 / (0.8 + 0.1) + 0.1)
    out = []
    for _, held in StratifiedKFold(n_splits=folds, random_state=0, shuffle=True).split(labels, labels):
        judged, unused = train_test_split(held, test_size=test_ratio, stratify=labels[held], random_state=0)
        out.append({"judged": sorted(judged.tolist()), "unused": sorted(unused.tolist())})
    return out


def rates(steps, warmup, rate):
    optimiser = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    schedule = transformers.get_scheduler("polynomial", optimiser, num_warmup_steps=warmup, num_training_steps=steps)
    out = []
    for _ in range(steps):
        out.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    return out


cell_labels = rng.choice(["a", "b", "c", "d"], 1013, p=[0.5, 0.3, 0.15, 0.05]).tolist()
gene_labels = [0] * 31 + [1] * 40 + [2] * 12
golden = {
    "made": {"date": datetime.date.today().isoformat(), "datasets": datasets.__version__, "scikit-learn": sklearn.__version__,
             "numpy": np.__version__, "transformers": transformers.__version__},
    "cells": {"labels": cell_labels,
              "splits": [cells(cell_labels, 0, 0, 0.8, 0.1, 0.1), cells(cell_labels, 1002, 0, 0.8, 0.1, 0.1),
                         cells(cell_labels, 700, 60, 0.7, 0.1, 0.2), cells(cell_labels, 0, 200, 0.75, 0.25, 0.0)]},
    "genes": {"labels": gene_labels, "folds": genes(gene_labels, 5)},
    "rates": {"rate": 8.04e-4, "warmup": 7, "steps": 40, "polynomial": rates(40, 7, 8.04e-4)},
}
(here / "golden.json").write_text(json.dumps(golden) + "\n")
