#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw results as the published in silico perturber pickles them: runs over all genes, a gene list, states, old tuples."""
import pickle
from collections import defaultdict
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def table(entries):
    result = defaultdict(list)
    for key, values in entries:
        result[key] = values
    return result


def write(folder, name, value):
    path = HERE / folder
    path.mkdir(exist_ok=True)
    (path / f"in_silico_{name}_raw.pickle").write_bytes(pickle.dumps(value))


write("all", "delete_x_dict_cell_embs_0batch-1", table([((10, "cell_emb"), [0.5]), ((11, "cell_emb"), [0.25])]))
write("all", "delete_x_dict_cell_embs_1batch-1", table([((11, "cell_emb"), [0.75])]))
write("all", "delete_x_dict_gene_embs_0batch-1", table([((10, 11), [0.5]), ((11, 10), [1.0])]))
write("all", "delete_x_dict_gene_embs_1batch-1", table([((11, 10), [0.5])]))
group = tuple(np.int16(t) for t in (10, 11))
write("list", "overexpress_x_cell_embs_dict_[10, 11]", table([((group, "cell_emb"), [0.5, 0.25, 0.125])]))
write("states", "delete_x_dict_cell_embs_3batch0",
      {s: table([((12, "cell_emb"), [v])]) for s, v in (("sick", -0.5), ("well", 0.25), ("other", 0.0))})
write("old", "delete_x_dict_1Kbatch1", table([((12, "cell_emb"), [(-0.5, 0.25), (0.5, 0.75)])]))
write("wrong", "delete_x_dict_cell_embs_0batch0", [1, 2, 3])
