#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Label transfer with the demonstration model on cells it never saw, beside principal components of the counts.

    demo_model.py MODEL_FOLDER VALIDATION_CELLS.csv TOKENS.tokens.h5 DATA_FOLDER

Classifiers are fitted on the cells that the model was trained on and judged on the others. Needs transformers, scanpy, scikit-learn.
"""
import sys
from pathlib import Path

import anndata
import h5py
import numpy as np
import scanpy
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, silhouette_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import BertForMaskedLM

LABELS = {"pbmc3k_half_a.h5ad": "cell_type", "lung_cell_lines.h5ad": "cell_line"}


def embeddings(model, tokens, offsets):
    """Mean over genes of the second-to-last layer."""
    rows = []
    with torch.no_grad():
        for begin, end in zip(offsets[:-1], offsets[1:]):
            ids = torch.tensor(tokens[begin:end].astype(np.int64))[None]
            rows.append(model.bert(ids, output_hidden_states=True).hidden_states[-2][0].mean(0).numpy())
    return np.array(rows)


def components(data, training):
    """50 components of 2,000 variable genes, both chosen and fitted on the training cells."""
    data = data.copy()
    data.var_names_make_unique()
    scanpy.pp.normalize_total(data, target_sum=1e4)
    scanpy.pp.log1p(data)
    genes = scanpy.pp.highly_variable_genes(data[training].copy(), n_top_genes=2000, inplace=False)["highly_variable"]
    x = data[:, genes.values].X.toarray()
    x = np.clip((x - x[training].mean(0)) / (x[training].std(0) + 1e-6), -10, 10)
    return PCA(50, random_state=0).fit(x[training]).transform(x)


def judge(name, x, y, training):
    scores = []
    for classifier in (LogisticRegression(max_iter=2000, C=0.1), KNeighborsClassifier(15)):
        found = make_pipeline(StandardScaler(), classifier).fit(x[training], y[training]).predict(x[~training])
        scores += [accuracy_score(y[~training], found), f1_score(y[~training], found, average="macro")]
    print("%-40s logistic %.3f / %.3f   neighbours %.3f / %.3f   silhouette %.3f   (%d cells)" %
          (name, *scores, silhouette_score(x[~training], y[~training]), (~training).sum()))


def main():
    model = BertForMaskedLM.from_pretrained(sys.argv[1], torch_dtype=torch.float32).eval()
    unseen = {int(line.split(",")[0]) for line in Path(sys.argv[2]).read_text().splitlines()[1:]}
    with h5py.File(sys.argv[3]) as f:
        x = embeddings(model, f["tokens"][:], f["offsets"][:].astype(np.int64))
        obs = anndata.io.read_elem(f["obs"])
    training = np.array([i not in unseen for i in range(len(x))])
    sources = obs["source"].astype(str).map(lambda s: Path(s).name).values
    for source, label in LABELS.items():
        data = anndata.read_h5ad(Path(sys.argv[4]) / source)
        here = np.flatnonzero(sources == source)
        data = data[obs.index[here]]
        labels = data.obs[label].astype(str).values
        known = ~np.isin(labels, ["nan", ""])
        y, t = labels[known], training[here][known]
        judge(f"{source} components", components(data[known], t), y, t)
        judge(f"{source} model", x[here][known], y, t)


main()
