# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes facts.json of this folder and of ../loom with h5py and scipy, not with any code of ours: python3 make.py

Made with Python 3.11, h5py 3.16.0, scipy 1.17.1 on 2026-11-21. Origin and licence of the files: README.md.
"""
import gzip
import hashlib
import json
import pathlib

import h5py
import numpy
import scipy.io
import scipy.sparse

here = pathlib.Path(__file__).parent


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def attribute(data):
    names = h5py.check_enum_dtype(data.dtype)
    if names:
        name_of = {value: name for name, value in names.items()}
        return [name_of[v] for v in data[:3]]
    return text(data[:3])


def text(values):
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def facts_of(matrix, genes, cells):
    """matrix: cells by genes"""
    matrix = scipy.sparse.csr_matrix(matrix)
    sums = numpy.asarray(matrix.sum(axis=1)).ravel()
    place = numpy.asarray(matrix.sum(axis=0)).ravel()
    return {"cells": matrix.shape[0], "genes": matrix.shape[1], "sum": float(matrix.sum()), "nonzero": int((matrix.data != 0).sum()),
            "first_cell_sums": sums[:5].tolist(), "last_cell_sum": float(sums[-1]),
            "gene_sums_weighted": float(numpy.dot(place, numpy.arange(1, len(place) + 1))),  # tells genes apart
            "first_genes": genes[:3], "last_gene": genes[-1], "first_cells": cells[:3], "last_cell": cells[-1]}


def tenx_h5(path):
    with h5py.File(path) as f:
        group = "matrix" if "matrix" in f else next((g for g in sorted(f) if g.startswith(("hg", "GRCh"))), sorted(f)[0])
        g = f[group]
        shape = g["shape"][:]
        matrix = scipy.sparse.csc_matrix((g["data"][:], g["indices"][:], g["indptr"][:]), shape=shape).T
        features = g["features"] if "features" in g else g
        ids = text(features["id" if "id" in features else "genes" if "genes" in features else "name"][:])
        return facts_of(matrix, ids, text(g["barcodes"][:]))


def tenx_folder(path):
    def lines(stem):
        for name in (path / stem, path / (stem + ".gz")):
            if name.exists():
                return (gzip.open(name, "rt") if name.suffix == ".gz" else open(name)).read().splitlines()
        return None
    features = [line.split("\t") for line in lines("features.tsv") or lines("genes.tsv")]
    keep = [i for i, f in enumerate(features) if len(f) < 3 or f[2] == "Gene Expression"]
    matrix = scipy.io.mmread(next(path.glob("matrix.mtx*"))).tocsc()[keep].T
    return facts_of(matrix, [features[i][0] for i in keep], lines("barcodes.tsv")) | {"left_out": len(features) - len(keep)}


def loom(path):
    with h5py.File(path) as f:
        matrix = f["matrix"][:].T
        rows, columns = f["row_attrs"], f["col_attrs"]
        genes = text(rows["Gene"][:]) if "Gene" in rows else [str(i) for i in range(matrix.shape[1])]
        cells = text(columns["CellID"][:]) if "CellID" in columns else [str(i) for i in range(matrix.shape[0])]
        attributes = {name: attribute(a) for name, a in columns.items()}
        return facts_of(matrix, genes, cells) | {"dtype": str(f["matrix"].dtype), "cell_columns": attributes,
                                                 "gene_columns": {name: attribute(a) for name, a in rows.items()}}


for folder, one in ((here, tenx_h5), (here.parent / "loom", loom)):
    facts = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in (".h5", ".loom"):
            facts[path.name] = one(path) | {"sha256": digest(path)}
        elif path.is_dir():
            facts[path.name] = tenx_folder(path)
    (folder / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")
