#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inter with its tabular figures as the ordinary ones, because Qt 6.4 cannot switch font features on: make.py FOLDER_OF_INTER

Columns of numbers then line up in every table. Characters that no text of the window uses are left out. Needs fonttools.
"""
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

NAME = "Inter Tabular"
WEIGHTS = ["Regular", "Medium", "SemiBold", "Bold"]
RANGES = [(0x20, 0x17F), (0x2B0, 0x2FF), (0x370, 0x3FF), (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F),
          (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2300, 0x23FF), (0x25A0, 0x25FF), (0x2700, 0x27BF)]


def tabular(font):
    """Glyph -> tabular glyph, from the feature tnum."""
    table = font["GSUB"].table
    found = {}
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for sub in table.LookupList.Lookup[index].SubTable:
                    found.update(getattr(getattr(sub, "ExtSubTable", sub), "mapping", {}))
    return found


def main():
    here = Path(__file__).parent
    for weight in WEIGHTS:
        font = TTFont(Path(sys.argv[1]) / f"Inter-{weight}.otf")
        swap = tabular(font)
        for cmap in font["cmap"].tables:
            if cmap.isUnicode():
                cmap.cmap.update({code: swap[name] for code, name in cmap.cmap.items() if name in swap})
        for record in font["name"].names:
            text = record.toUnicode()
            if record.nameID in (1, 3, 4, 16):
                record.string = text.replace("Inter", NAME)
            elif record.nameID == 6:
                record.string = text.replace("Inter", "InterTabular")
        options = subset.Options(layout_features=["kern", "mark", "mkmk", "ccmp", "calt"], name_IDs=["*"], notdef_outline=True)
        worker = subset.Subsetter(options)
        worker.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
        worker.subset(font)
        font["CFF "].cff.fontNames = [f"InterTabular-{weight}"]
        font.save(here / f"InterTabular-{weight}.otf")


main()
