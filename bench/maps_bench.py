# SPDX-License-Identifier: GPL-3.0-or-later
"""UMAP of Cellwright beside umap-learn on the same array in one run. Prints ratios and writes JSON.

    python bench/maps_bench.py build/release/bin/maps_bench --rows 100000 --columns 128 --json maps.json
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import numpy as np


def latent_mixture(rows, columns, clusters=20, latent=10):
    """Clusters with a latent space of ten dimensions each plus noise."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, clusters, rows)
    centres = rng.normal(size=(clusters, columns)) * 2
    axes = rng.normal(size=(clusters, latent, columns)) * 0.5
    x = rng.normal(size=(rows, columns)) * 0.3 + centres[labels]
    for k in range(clusters):
        member = labels == k
        x[member] += rng.normal(size=(member.sum(), latent)) @ axes[k]
    return x.astype("float32")


def quality(x, layout, neighbors, queries=2000):
    """Trustworthiness (Venna and Kaski 2001) and share of kept neighbours, over sampled cells against all cells."""
    rng = np.random.default_rng(1)
    sample = rng.choice(len(x), min(queries, len(x)), replace=False)
    squares = (x * x).sum(1)
    penalty, kept = 0.0, 0
    k = neighbors
    for i in sample:
        high = squares - 2 * (x @ x[i])
        high[i] = -np.inf
        low = ((layout - layout[i]) ** 2).sum(1)
        low[i] = np.inf
        near = np.argpartition(low, k)[:k]
        ranks = (high[None, :] < high[near][:, None]).sum(1)  # the cell itself counts one, so ranks start at 1
        penalty += np.maximum(0, ranks - k).sum()
        kept += (ranks <= k).sum()
    n = len(x)
    return 1 - penalty * 2 / (len(sample) * k * (2 * n - 3 * k - 1)), kept / (len(sample) * k)


def recall(x, ids, queries=500):
    rng = np.random.default_rng(2)
    squares = (x * x).sum(1)
    found = 0
    for i in rng.choice(len(x), queries, replace=False):
        d = squares - 2 * (x @ x[i])
        d[i] = np.inf
        found += np.isin(ids[i], np.argpartition(d, ids.shape[1])[:ids.shape[1]]).sum()
    return found / (queries * ids.shape[1])


def run_ours(program, x, neighbors, threads, folder):
    matrix, out = folder / "matrix.f32", folder / "layout.f32"
    x.tofile(matrix)
    line = subprocess.run([program, matrix, *map(str, (*x.shape, neighbors, threads)), out], check=True,
                          capture_output=True, text=True).stdout
    figures = json.loads(line)
    layout = np.fromfile(out, "float32").reshape(-1, 2)
    ids = np.fromfile(str(out) + ".ids", "int32").reshape(len(x), -1)
    return figures, layout, ids


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("program")
    ap.add_argument("--rows", type=int, default=100_000)
    ap.add_argument("--columns", type=int, default=128)
    ap.add_argument("--neighbors", type=int, default=15)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--skip-seeded", action="store_true", help="umap-learn only without seed, on all threads")
    ap.add_argument("--skip-python", action="store_true")
    ap.add_argument("--json", type=pathlib.Path)
    a = ap.parse_args()
    x = latent_mixture(a.rows, a.columns)
    with tempfile.TemporaryDirectory() as folder:
        ours, layout, ids = run_ours(a.program, x, a.neighbors, a.threads, pathlib.Path(folder))
    result = {"cellwright": ours}
    ours["recall"] = float(recall(x, ids))
    ours["trustworthiness"], ours["kept_neighbors"] = map(float, quality(x, layout, a.neighbors))
    if not a.skip_python:
        os.environ["NUMBA_NUM_THREADS"] = str(a.threads)
        import umap
        settings = dict(n_neighbors=a.neighbors, min_dist=0.5)
        umap.UMAP(**settings).fit_transform(x[:5000])  # compiles
        for name, seed in (("umap-learn", None), ("umap-learn, seeded", 42)):
            if seed is not None and a.skip_seeded:
                continue
            began = time.perf_counter()
            reference = umap.UMAP(**settings, random_state=seed, n_jobs=a.threads if seed is None else 1)
            layout = reference.fit_transform(x)
            seconds = time.perf_counter() - began
            trust, kept = map(float, quality(x, layout, a.neighbors))
            result[name] = {"total_s": seconds, "ratio": seconds / ours["total_s"], "trustworthiness": trust,
                            "kept_neighbors": kept}
    for name, figures in result.items():
        print(name, {k: round(v, 4) for k, v in figures.items()})
    if a.json:
        a.json.write_text(json.dumps(result, indent=2) + "\n")


main()
