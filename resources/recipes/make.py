#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes nfkb_targets.json from TRRUST v2 (trrust_rawdata.human.tsv: factor, target, mode, PMID; CC BY-SA 4.0).

Classes: genes regulated by NFKB1 or RELA, and genes regulated by other factors but by no member of the family. Names
that are no symbol of dictionary v1 are left out: as aliases some would stand for a gene of the other class.
"""
import csv
import json
import pathlib
import sys

FAMILY = {"NFKB1", "RELA", "NFKB2", "RELB", "REL", "NFKB"}


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return list(csv.reader(lines, delimiter="\t"))[1:]


dictionary = pathlib.Path(__file__).parent.parent / "dictionaries" / "v1" / "tokens.tsv"
symbols = {row[3] for row in rows(dictionary) if row[3]}
edges = [row[:2] for row in rows(sys.argv[1])]
targets = {target for factor, target in edges if factor in ("NFKB1", "RELA")}
family = {target for factor, target in edges if factor in FAMILY}
others = {target for _, target in edges} - family
classes = {"NF-kB target": sorted(targets & symbols), "other target": sorted(others & symbols)}
print(json.dumps(classes, indent=0))
