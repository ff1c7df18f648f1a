#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Perturbation effects of small random BERT models, computed by the Python reference in float64.

    make.py REFERENCE.py [OUT]                               the committed cases, with their models
    make.py REFERENCE.py OUT --model DIR --special 0|1       one case on a model at hand (for checks by hand)

REFERENCE.py is the reference program of the hand-outs: transformers plus the published definitions, each checked
against the published classes. Weights are rounded to float16 first, so that the folders stay small and exact.
"""
import argparse
import datetime
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM

LIMIT, VOCABULARY = 48, {"V1": 150, "V2": 160}


def load_reference(path):
    spec = importlib.util.spec_from_file_location("reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def small_model(version, folder):
    config = BertConfig(vocab_size=VOCABULARY[version], max_position_embeddings=LIMIT, hidden_size=64,
                        num_hidden_layers=3, num_attention_heads=2, intermediate_size=96, hidden_act="relu",
                        hidden_dropout_prob=0.02, attention_probs_dropout_prob=0.02, layer_norm_eps=1e-12,
                        pad_token_id=0)
    model = BertForMaskedLM(config).eval()
    draw = torch.Generator().manual_seed(11 if version == "V1" else 12)
    with torch.no_grad():
        for name, p in sorted(model.state_dict().items()):
            if "predictions.decoder" in name or not p.is_floating_point():
                continue
            noise = torch.randn(p.shape, generator=draw)
            if name.endswith("LayerNorm.weight"):
                value = 1 + 0.1 * noise
            elif name.endswith("bias") or "embeddings" in name:
                value = 0.05 * noise
            elif ".self.query." in name or ".self.key." in name:
                value = noise * 64 ** -0.5
            else:
                value = 0.6 * noise * 64 ** -0.5
            p.copy_(value.half().float())
        model.get_input_embeddings().weight[0].zero_()
    folder.mkdir(parents=True, exist_ok=True)
    model.config.architectures = ["BertForMaskedLM"]
    model.config.save_pretrained(folder)
    save_file({k: v.half().contiguous().clone() for k, v in model.state_dict().items()
               if "predictions.decoder" not in k}, folder / "model.safetensors", metadata={"format": "pt"})


def random_cells(version, vocabulary, lengths, seed):
    rng = np.random.default_rng(seed)
    first = 2 if version == "V1" else 4
    cells = []
    for n in lengths:
        genes = (first + rng.permutation(vocabulary - first)[:n]).tolist()
        cells.append(genes if version == "V1" else [2] + genes + [3])
    return cells


def run_case(ref, model, version, cells, mode, layer_offset):
    """All runs of one (model, mode, layer); values in the order of the cells."""
    layer = ref.layer_index(model, layer_offset)
    width = model.config.hidden_size
    rng = np.random.default_rng(5)
    original = [ref.embed(model, [c], layer, 1)[0] for c in cells]
    centre = torch.stack([h.mean(0) for h in original]).mean(0)
    states = {name: centre + torch.tensor(rng.normal(size=width) * 0.3).to(centre.dtype)
              for name in ("start", "goal", "other")}
    special = 1 if version == "V2" else 0
    head = [c[special:len(c) - special] for c in cells]
    common = head[0][3]
    absent = next(t for t in range(20, model.config.vocab_size) if all(t not in c for c in cells))
    pair = [head[0][1], head[0][4]]
    runs = []
    for with_states in (None, states):
        for kind in ("delete", "overexpress"):
            per_cell = []
            for i, cell in enumerate(cells):
                gene_level = with_states is None and i == 1
                per_cell.append(ref.perturb_all(model, cell, kind, mode, layer, 32, with_states, gene_level))
            runs.append({"kind": kind, "genes": "all", "states": with_states is not None, "values": per_cell})
            for tokens in ([common], pair) + (([absent], [absent, pair[1]]) if kind == "overexpress" else ()):
                values = ref.perturb_list(model, cells, tokens, kind, mode, layer, 1, with_states, False)
                runs.append({"kind": kind, "genes": tokens, "states": with_states is not None, "values": values})
    embeddings = []
    for h, c in zip(original, cells):
        embeddings.append((h[0] if mode == "cls" else h[special:len(c) - special].mean(0)).tolist())
    return {"version": version, "mode": mode, "layer": layer, "embeddings": embeddings, "runs": runs,
            "states": {k: v.tolist() for k, v in states.items()}}


def rounded(value):
    """Nine digits are a hundred times finer than what is compared."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value]
    return {k: rounded(v) for k, v in value.items()} if isinstance(value, dict) else value


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("reference")
    ap.add_argument("out", nargs="?", default=Path(__file__).parent, type=Path)
    ap.add_argument("--model", type=Path)
    ap.add_argument("--special", type=int, default=0)
    ap.add_argument("--lengths", type=int, nargs="+", default=[90, 41, 60])
    a = ap.parse_args()
    ref = load_reference(a.reference)
    torch.set_num_threads(2)
    made = {"versions": {"python": sys.version.split()[0], "torch": torch.__version__,
                         "transformers": transformers.__version__}, "date": str(datetime.date.today())}
    if a.model:
        folders = {"V2" if a.special else "V1": a.model}
        lengths, modes = a.lengths, {"V1": ["cell"], "V2": ["cls", "cell"]}
    else:
        ref.VOCAB = VOCABULARY
        folders = {"V1": a.out / "v1", "V2": a.out / "v2"}
        for version, folder in folders.items():
            small_model(version, folder)
        modes = {"V1": ["cell"], "V2": ["cls", "cell"]}
    made["cases"] = []
    for version, folder in folders.items():
        model = ref.load_model(folder, dtype=torch.float64)
        limit = model.config.max_position_embeddings - (2 if version == "V2" else 0)
        # the second small cell is at the size limit, the third one below it
        sizes = lengths if a.model else [21, limit, limit - 1]
        cells = random_cells(version, model.config.vocab_size, sizes, 3)
        for mode in modes[version]:
            for layer in (-1,) if a.model else (-1, 0):
                case = run_case(ref, model, version, cells, mode, layer)
                case |= {"model": str(folder) if a.model else folder.name, "cells": cells}
                made["cases"].append(case)
    (a.out / "effects.json").write_text(json.dumps(rounded(made)))
    print(a.out / "effects.json")


if __name__ == "__main__":
    main()
