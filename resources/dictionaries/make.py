#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts the published Geneformer dictionaries and public gene tables to the open files of this folder.

usage: make.py DATA OUT
  DATA/dictionaries/{v1_gc30M,v2_gc104M}/*.pkl   as published (Apache-2.0)
  DATA/gene_ids/genes_homo_sapiens.csv.gz        CELLxGENE schema: id, symbol, version, length, biotype (MIT)
  DATA/gene_ids/GENCODEv44_Gene_id2name.csv      id, symbol (MIT)

writes
  OUT/v1/tokens.tsv, OUT/v2/tokens.tsv           token, ensembl_id, median (17 digits), symbol
  OUT/v1/names.tsv,  OUT/v2/names.tsv            NAME, token, token by the published mapping; sorted bytewise
  OUT/human_genes.tsv                            ensembl_id, symbol, biotype; sorted bytewise
  OUT/human_names.tsv                            NAME, ensembl_id; sorted bytewise
They are not packed: the program maps them into memory and searches them as they are, which makes it ready at once.
Names are upper case: symbols, aliases, and ids that were retired or given since. Of several genes that a name may
mean, one is chosen: the dictionary's own naming, then the present symbol, then an older one, then an alias.
"""
import csv
import gzip
import io
import pickle
import re
import sys
from pathlib import Path

import numpy

ENSEMBL = re.compile(r"ENSGR?[0-9]+$")


class PlainUnpickler(pickle.Unpickler):
    """Dictionaries of text and numbers only: a pickle may otherwise run any program."""

    def find_class(self, module, name):
        if (module, name) in {("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar")}:
            return numpy.float64(0).__reduce__()[0]
        if (module, name) == ("numpy", "dtype"):
            return numpy.dtype
        raise pickle.UnpicklingError(f"refused: {module}.{name}")


def read_pickle(path):
    with open(path, "rb") as file:
        return PlainUnpickler(file).load()


def write_tsv(path, rows):
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(str(field) for field in row) + "\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode())


def usable(name):
    return bool(name) and "\t" not in name and "\n" not in name


class Sources:
    def __init__(self, data):
        dictionaries = data / "dictionaries"
        v1, v2 = dictionaries / "v1_gc30M", dictionaries / "v2_gc104M"
        self.tokens = {"v1": read_pickle(v1 / "token_dictionary.pkl"),
                       "v2": read_pickle(v2 / "token_dictionary_gc104M.pkl")}
        self.medians = {"v1": read_pickle(v1 / "gene_median_dictionary.pkl"),
                        "v2": read_pickle(v2 / "gene_median_dictionary_gc104M.pkl")}
        self.names = {"v1": read_pickle(v1 / "gene_name_id_dict.pkl"),
                      "v2": read_pickle(v2 / "gene_name_id_dict_gc104M.pkl")}
        self.mapping = {"v1": read_pickle(v1 / "ensembl_mapping_dict_gc30M.pkl"),
                        "v2": read_pickle(v2 / "ensembl_mapping_dict_gc104M.pkl")}
        self.symbol, self.biotype, older = {}, {}, {}
        with gzip.open(data / "gene_ids" / "genes_homo_sapiens.csv.gz", "rt") as file:
            for ensembl_id, symbol, _, _, biotype in csv.reader(file):
                if ensembl_id.startswith("ENSG"):
                    self.biotype[ensembl_id] = biotype
                    if not ENSEMBL.match(symbol):
                        self.symbol[ensembl_id] = symbol
        with open(data / "gene_ids" / "GENCODEv44_Gene_id2name.csv") as file:
            for ensembl_id, symbol in csv.reader(file):
                if not ENSEMBL.match(symbol):
                    older[ensembl_id] = symbol
        self.older_symbol = older
        # ids that the V2 table joins: retired -> present, and back
        self.present = {k: v for k, v in self.mapping["v2"].items() if ENSEMBL.match(k) and k != v}
        self.retired = {}
        for old, new in sorted(self.present.items()):
            self.retired.setdefault(new, []).append(old)

    def naming(self, first):
        """(name, id) pairs, the most trusted first. `first`: the dictionary whose own names go before all."""
        second = "v1" if first == "v2" else "v2"
        yield from self.names[first].items()
        yield from ((s, i) for i, s in sorted(self.symbol.items()))
        yield from ((s, i) for i, s in sorted(self.older_symbol.items()))
        yield from self.names[second].items()
        yield from self.mapping["v2"].items()
        yield from sorted((old, new) for new, olds in self.retired.items() for old in olds)


def write_dictionary(sources, version, out):
    tokens, medians = sources.tokens[version], sources.medians[version]
    own_symbol = {i: n for n, i in sorted(sources.names[version].items(), reverse=True)}

    def symbol(ensembl_id):
        return sources.symbol.get(ensembl_id) or own_symbol.get(ensembl_id) or sources.older_symbol.get(ensembl_id, "")

    rows = [(token, key, format(float(medians[key]), ".17g") if key in medians else "", symbol(key))
            for key, token in sorted(tokens.items(), key=lambda item: int(item[1]))]
    write_tsv(out / version / "tokens.tsv", rows)

    def token_of(ensembl_id):
        """The id's own token, else that of the id it became or was before."""
        for candidate in [ensembl_id, sources.present.get(ensembl_id), *sources.retired.get(ensembl_id, [])]:
            if candidate in tokens:
                return int(tokens[candidate])
        return None

    ours = {}
    for name, ensembl_id in sources.naming(version):
        token = token_of(ensembl_id)
        if token is not None and usable(name) and name not in tokens:
            ours.setdefault(name.upper(), token)
    for ensembl_id in {*sources.retired, *sources.present}:
        token = token_of(ensembl_id)
        if token is not None and ensembl_id not in tokens:
            ours.setdefault(ensembl_id, token)
    published = {k: int(tokens[v]) for k, v in sources.mapping[version].items() if v in tokens and k != v}
    assert all(k == k.upper() and usable(k) for k in published)
    names = sorted({*ours, *published}, key=str.encode)
    write_tsv(out / version / "names.tsv", ((n, ours.get(n, ""), published.get(n, "")) for n in names))


def write_human_genes(sources, out):
    genes = {*sources.biotype, *sources.older_symbol, *(i for i in sources.mapping["v2"].values()),
             *(k for t in sources.tokens.values() for k in t if not k.startswith("<"))}
    genes -= {old for old, new in sources.present.items() if old not in sources.biotype}
    own = {i: n for v in ("v1", "v2") for n, i in sources.names[v].items()}
    rows = [(i, sources.symbol.get(i) or sources.older_symbol.get(i) or own.get(i, ""), sources.biotype.get(i, ""))
            for i in sorted(genes, key=str.encode)]
    write_tsv(out / "human_genes.tsv", rows)
    names = {}
    pairs = [((s, i) for i, s in sorted(sources.symbol.items())), sources.naming("v2")]
    for source in pairs:
        for name, ensembl_id in source:
            ensembl_id = sources.present.get(ensembl_id, ensembl_id) if ensembl_id not in genes else ensembl_id
            if usable(name) and name not in genes and ensembl_id in genes:
                names.setdefault(name.upper(), ensembl_id)
    write_tsv(out / "human_names.tsv", sorted(names.items(), key=lambda item: item[0].encode()))


def main():
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    sources = Sources(data)
    for version in ("v1", "v2"):
        write_dictionary(sources, version, out)
    write_human_genes(sources, out)


if __name__ == "__main__":
    main()
