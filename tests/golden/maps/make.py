# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden values of PCA, neighbours, UMAP graph, silhouette, LISI, clusters and marker statistics, from the Python
libraries of the field, for a small mixture. Run: python make.py (writes mixture.json beside this file)."""
import datetime
import json
import pathlib

import anndata
import igraph
import numpy as np
import scanpy as sc
import scipy.sparse
import scipy.stats
import sklearn
import umap
import umap.umap_
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_samples, silhouette_score
from sklearn.neighbors import NearestNeighbors

CELLS, WIDTH, GROUPS, NEIGHBORS = 300, 20, 5, 15


def lisi(distances, ids, labels, perplexity):
    """Korsunsky et al. 2019: inverse Simpson index of the labels, neighbours weighted at the given perplexity."""
    result = []
    for d, j in zip(distances, ids):
        beta, low, high = 1.0, -np.inf, np.inf
        for _ in range(50):
            p = np.exp(-d * beta)
            total = p.sum()
            entropy = np.log(total) + beta * (d * p).sum() / total
            p = p / total
            gap = entropy - np.log(perplexity)
            if abs(gap) < 1e-5:
                break
            if gap > 0:
                low, beta = beta, beta * 2 if high == np.inf else (beta + high) / 2
            else:
                high, beta = beta, beta / 2 if low == -np.inf else (beta + low) / 2
        simpson = sum(p[labels[j] == k].sum() ** 2 for k in np.unique(labels))
        result.append(1 / simpson)
    return np.array(result)


def main():
    rng = np.random.default_rng(7)
    groups = rng.integers(0, GROUPS, CELLS)
    centres = rng.normal(size=(GROUPS, WIDTH)) * 2.5
    x = (centres[groups] + rng.normal(size=(CELLS, WIDTH)) * np.linspace(1.5, 0.5, WIDTH)).round(4).astype("float32")
    batch = rng.integers(0, 2, CELLS)

    pca = PCA(10, svd_solver="full").fit(x.astype("float64"))
    distances, ids = NearestNeighbors(n_neighbors=NEIGHBORS, algorithm="brute").fit(x.astype("float64")).kneighbors(
        x.astype("float64"))
    distances[:, 0] = 0  # to the cell itself; the library's shortcut leaves rounding behind
    graph = umap.umap_.fuzzy_simplicial_set(x, NEIGHBORS, np.random.RandomState(0), "euclidean", knn_indices=ids,
                                            knn_dists=distances.astype("float32"))[0].tocsr()
    graph.sort_indices()
    layout = umap.UMAP(n_neighbors=NEIGHBORS, min_dist=0.5, random_state=42).fit_transform(x)
    far, far_ids = NearestNeighbors(n_neighbors=91, algorithm="brute").fit(x.astype("float64")).kneighbors(
        x.astype("float64"))

    counts = rng.poisson(np.exp(rng.normal(size=(GROUPS, 30)))[groups] + 0.05).astype("float32")
    counts[:, 29] = 1 + groups % 2
    # double precision until the end: in single precision the division breaks ties such as 1/10 and 3/30
    data = anndata.AnnData(scipy.sparse.csr_matrix(counts.astype("float64")))
    data.obs["group"] = [f"g{g}" for g in groups]
    data.obs["group"] = data.obs["group"].astype("category")
    sc.pp.normalize_total(data, target_sum=1e4)
    sc.pp.log1p(data)
    data.X = data.X.astype("float32")
    sc.tl.rank_genes_groups(data, "group", method="wilcoxon", tie_correct=True)
    wilcoxon = data.uns["rank_genes_groups"]
    order = [str(i) for i in range(30)]

    def by_gene(field, group):
        return [float(dict(zip(wilcoxon["names"][group], wilcoxon[field][group]))[g]) for g in order]

    out = {
        "made": datetime.date.today().isoformat(),
        "versions": {m.__name__: m.__version__ for m in (np, sklearn, umap, sc, igraph, anndata)},
        "cells": CELLS, "width": WIDTH, "neighbors": NEIGHBORS,
        "x": [round(float(v), 4) for v in x.ravel()],
        "groups": groups.tolist(), "batch": batch.tolist(),
        "pca": {"scores": pca.transform(x.astype("float64")).round(7).ravel().tolist(),
                "variances": pca.explained_variance_.tolist(), "ratios": pca.explained_variance_ratio_.tolist()},
        "knn": {"ids": ids[:, 1:].ravel().tolist(), "distances": distances[:, 1:].round(6).ravel().tolist()},
        "graph": {"offsets": graph.indptr.tolist(), "ids": graph.indices.tolist(),
                  "weights": graph.data.astype(float).round(7).tolist()},
        "umap_trustworthiness": float(trustworthiness(x, layout, n_neighbors=15)),
        "curve": [float(v) for v in umap.umap_.find_ab_params(1.0, 0.5)],
        "silhouette": {"mean": float(silhouette_score(x.astype("float64"), groups)),
                       "samples": silhouette_samples(x.astype("float64"), groups).round(8).tolist(),
                       "batch_mean": float(silhouette_score(x.astype("float64"), batch))},
        "lisi": {"batch": lisi(far[:, 1:], far_ids[:, 1:], batch, 30).round(6).tolist(),
                 "groups": lisi(far[:, 1:], far_ids[:, 1:], groups, 30).round(6).tolist()},
        "markers": {"counts": counts.astype(int).ravel().tolist(),
                    "donor_p": float(scipy.stats.ttest_1samp(
                        np.log2(1 + np.array([1000, 3000, 2000])) - np.log2(1 + np.array([500, 1000, 500])), 0).pvalue),
                    "scores": {g: by_gene("scores", g) for g in data.obs["group"].cat.categories},
                    "pvals": {g: by_gene("pvals", g) for g in data.obs["group"].cat.categories},
                    "pvals_adj": {g: by_gene("pvals_adj", g) for g in data.obs["group"].cat.categories}},
    }
    path = pathlib.Path(__file__).with_name("mixture.json")
    path.write_text(json.dumps(out) + "\n")
    print(path.stat().st_size, out["umap_trustworthiness"], out["silhouette"]["mean"])


main()
