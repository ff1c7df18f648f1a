#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens as the published Geneformer tokenizer makes them, restated from the behaviour specification (1.3, 2).

usage: make.py DATA CELLS        writes CELLS/NAME.h5ad (a few cells of each data set) and expected.json beside this file
       make.py DATA --full OUT   writes OUT.json for all cells of the data sets

DATA holds dictionaries/ and datasets/. Two ways are restated: "upstream" is the published arithmetic on a sparse matrix
(products with reciprocals in the width of the arrays, genes with one id summed only where the published rule notices),
"exact" is float64 division, retired ids found by resources/dictionaries/*/names.tsv, every repeated gene summed. Equal scores: rising token. A cell is written as the first
16 hex digits of the SHA-256 of its tokens as little-endian int32.
"""
import datetime
import hashlib
import json
import sys
from pathlib import Path

import anndata
import numpy as np
import scipy
import scipy.sparse as sp

RESOURCES = Path(__file__).resolve().parents[3] / "resources" / "dictionaries"
sys.path.insert(0, str(RESOURCES))
from make import read_pickle  # noqa: E402  restricted to text and numbers

DATASETS = {"kang_pbmc": 120, "pbmc3k_half_a": 60, "lung_cell_lines": 24, "cardiac_diff_day2": 60}
FILES = {"v1": ("v1_gc30M", "token_dictionary.pkl", "gene_median_dictionary.pkl", "ensembl_mapping_dict_gc30M.pkl"),
         "v2": ("v2_gc104M", "token_dictionary_gc104M.pkl", "gene_median_dictionary_gc104M.pkl",
                "ensembl_mapping_dict_gc104M.pkl")}


def gene_columns(ids, mapping, tokens, always_sum):
    """For each gene of the result its token, and which columns of the matrix it is the sum of."""
    mapping = {k: v for k, v in mapping.items() if v in tokens}
    known = {i for i in ids if i in mapping}
    collapsed = [mapping.get(i.upper()) for i in ids]
    columns = [(g, c) for c, g in enumerate(collapsed) if g is not None]
    if not always_sum and len(known) == len({mapping[i] for i in known}):
        return [tokens[g] for g, _ in columns], [[c] for _, c in columns], [g for g, _ in columns]
    order = list(dict.fromkeys(g for g, _ in columns))
    of_gene = {g: [] for g in order}
    for g, c in columns:
        of_gene[g].append(c)
    return [tokens[g] for g in order], [of_gene[g] for g in order], order


def with_retired_ids(tokens, version):
    """id -> id of the vocabulary, also for ids that were retired or given since."""
    gene_of = {int(t): g for g, t in tokens.items()}
    mapping = {g: g for g in tokens}
    with open(RESOURCES / version / "names.tsv") as file:
        for name, token, _ in (line.rstrip("\n").split("\t") for line in file):
            if token and name.startswith("ENSG"):
                mapping.setdefault(name, gene_of[int(token)])
    return mapping


def tokenize(data, tokens, medians, mapping, version, upstream):
    ids = data.var["ensembl_id"].astype(str).tolist()
    if not upstream:
        mapping = with_retired_ids(tokens, version)
    gene_tokens, columns, genes = gene_columns(ids, mapping, tokens, not upstream)
    pick = sp.csr_matrix((np.ones(sum(map(len, columns)), dtype=data.X.dtype),
                          ([c for group in columns for c in group],
                           [i for i, group in enumerate(columns) for _ in group])), (len(ids), len(columns)))
    matrix = (sp.csr_matrix(data.X) @ pick).tocsr()
    gene_tokens = np.array([int(t) for t in gene_tokens])
    scale = np.array([float(medians[g]) for g in genes])
    keep = np.flatnonzero(data.obs["filter_pass"].values == 1) if "filter_pass" in data.obs else np.arange(data.n_obs)
    totals = data.obs["n_counts"].values
    limit = 2048 if version == "v1" else 4096
    for row in keep:
        cell = matrix[row]
        cell.eliminate_zeros()
        if upstream:
            score = sp.csr_matrix(sp.csr_matrix(cell / totals[[row]][:, None] * 10_000) / scale)
            at, value = score.indices, score.data
        else:
            at = cell.indices
            value = cell.data.astype(np.float64) / np.float64(totals[row]) * 10_000.0 / scale[at]
        ranked = gene_tokens[at][np.lexsort((gene_tokens[at], -value))]
        if len(ranked) == 0:
            continue
        yield ranked[:limit] if version == "v1" else np.concatenate([[2], ranked[:limit - 2], [3]])


def digest(cell):
    return hashlib.sha256(np.asarray(cell, dtype="<i4").tobytes()).hexdigest()[:16]


def expected(data, dictionaries):
    result = {}
    for version, (tokens, medians, mapping) in dictionaries.items():
        for way in ("upstream", "exact"):
            cells = list(tokenize(data, tokens, medians, mapping, version, way == "upstream"))
            result[f"{version} {way}"] = {"lengths": [len(c) for c in cells], "cells": [digest(c) for c in cells],
                                          "first": [int(t) for t in cells[0][:10]]}
    return result


def main():
    data = Path(sys.argv[1])
    dictionaries = {v: [read_pickle(data / "dictionaries" / folder / n) for n in names]
                    for v, (folder, *names) in FILES.items()}
    result = {"made": {"date": datetime.date.today().isoformat(), "numpy": np.__version__, "scipy": scipy.__version__,
                       "anndata": anndata.__version__}}
    for name, count in DATASETS.items():
        adata = anndata.read_h5ad(data / "datasets" / f"{name}.h5ad")
        if sys.argv[2] != "--full":
            rows = np.linspace(0, adata.n_obs - 1, count).astype(int)
            small = anndata.AnnData(adata.X[rows], obs=adata.obs.iloc[rows][
                [c for c in ("n_counts", "filter_pass", "condition", "donor", "cell_type", "batch") if c in adata.obs]],
                var=adata.var[["ensembl_id"]])
            small = small[:, np.asarray(small.X.sum(axis=0)).ravel() > 0].copy()
            small.write_h5ad(Path(sys.argv[2]) / f"{name}.h5ad", compression="gzip", compression_opts=9)
            adata = anndata.read_h5ad(Path(sys.argv[2]) / f"{name}.h5ad")
        result[name] = expected(adata, dictionaries)
    target = Path(sys.argv[3]) if sys.argv[2] == "--full" else Path(__file__).with_name("expected.json")
    target.write_text(json.dumps(result, separators=(",", ":")).replace('"v', '\n"v') + "\n")


if __name__ == "__main__":
    main()
