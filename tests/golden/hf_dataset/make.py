# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes .dataset folders as the datasets library and pyarrow do, and what is in them: python3 make.py

Made with Python 3.11, datasets 3.6.0, pyarrow 26.0.1 on 2026-11-21.
"""
import json
import pathlib
import random
import shutil

import datasets
import pyarrow as pa

here = pathlib.Path(__file__).parent
facts = {}
random.seed(5)
N = 12
cells = [[random.randrange(2, 20000) for _ in range(random.randrange(1, 9))] for _ in range(N)]
cells[4] = []
cell_type = ["mono", "B", None, "Zelle 中"] * 3
donor = [i % 3 for i in range(N)]
score = [i / 7 for i in range(N)]
score[2] = None
flag = [i % 2 == 0 for i in range(N)]


def remember(name, rows, columns):
    facts[name] = {"cells": [cells[r] for r in rows],
                   "columns": {k: [v[r] for r in rows] for k, v in columns.items()}}


def library(name, inner, shards=1, extra=None):
    features = {"input_ids": datasets.Sequence(datasets.Value(inner)), "length": datasets.Value("int16"), "cell_type": datasets.Value("string"),
                "donor": datasets.ClassLabel(names=["d0", "d1", "d2"]), "score": datasets.Value("float32"), "flag": datasets.Value("bool")}
    data = {"input_ids": cells, "length": [len(c) for c in cells], "cell_type": cell_type, "donor": donor, "score": score, "flag": flag}
    datasets.Dataset.from_dict(data, features=datasets.Features(features)).save_to_disk(here / name, num_shards=shards)
    remember(name, range(N), {"cell_type": cell_type, "donor": [f"d{d}" for d in donor], "flag": flag})


shutil.rmtree(here / "x", ignore_errors=True)
for old in here.glob("*.dataset"):
    shutil.rmtree(old)
library("int16.dataset", "int16")
library("int64_three_shards.dataset", "int64", shards=3)
# the order of state.json decides, not the names
state = json.loads((here / "int64_three_shards.dataset/state.json").read_text())
state["_data_files"].reverse()
(here / "int64_three_shards.dataset/state.json").write_text(json.dumps(state))
remember("int64_three_shards.dataset", [*range(8, 12), *range(4, 8), *range(0, 4)],
         {"cell_type": cell_type, "donor": [f"d{d}" for d in donor], "flag": flag})


def by_hand(name, table, columns, rows=range(N), options=None, extra_state=None, batch=5):
    folder = here / name
    folder.mkdir()
    with pa.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as sink:
        with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=batch)
    state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]} | (extra_state or {})
    (folder / "state.json").write_text(json.dumps(state))
    remember(name, rows, columns)


names = [f"cell{i}" for i in range(N)]
base = {"input_ids": pa.array(cells, pa.large_list(pa.uint16())), "length": pa.array([len(c) for c in cells], pa.uint8()), "cell_name": pa.array(names)}
by_hand("large_list.dataset", pa.table(base | {"note": pa.array(cell_type, pa.large_string()), "nested": pa.array([{"a": [1, 2], "b": "x"}] * N),
                                               "tags": pa.array([["x", "y"]] * N), "date": pa.array([i for i in range(N)], pa.date32()),
                                               "after": pa.array(donor, pa.int8())}),
        {"note": cell_type, "after": donor})
by_hand("dictionary.dataset", pa.table(base | {"cell_type": pa.array(cell_type).dictionary_encode(), "after": pa.array(donor, pa.int32())}),
        {"cell_type": cell_type, "after": donor})
# dictionaries that grow from batch to batch
batches = [pa.record_batch({"input_ids": pa.array(cells[i:i + 4], pa.list_(pa.int32())), "cell_type": pa.array(cell_type[i:i + 4] + [f"new{i}"])
                            .dictionary_encode().take(pa.array(range(4)))}) for i in (0, 4, 8)]
for name, delta in (("dictionary_delta.dataset", True), ("dictionary_replaced.dataset", False)):
    (here / name).mkdir()
    with pa.OSFile(str(here / name / "d.arrow"), "wb") as sink:
        with pa.ipc.new_stream(sink, batches[0].schema, options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=delta)) as writer:
            for one in batches:
                writer.write_batch(one)
    (here / name / "state.json").write_text(json.dumps({"_data_files": [{"filename": "d.arrow"}]}))
    remember(name, range(N), {"cell_type": cell_type})
for codec in ("lz4", "zstd"):
    by_hand(f"{codec}.dataset", pa.table(base | {"cell_type": pa.array(cell_type), "padding": pa.array(["a" * 300] * N)}),
            {"cell_type": cell_type}, options=pa.ipc.IpcWriteOptions(compression=codec))
order = [7, 3, 3, 0, 11]
by_hand("indices.dataset", pa.table(base | {"after": pa.array(donor, pa.int32())}), {"after": donor}, rows=order,
        extra_state={"_indices_data_files": [{"filename": "indices.arrow"}]})
with pa.OSFile(str(here / "indices.dataset/indices.arrow"), "wb") as sink:
    table = pa.table({"indices": pa.array(order, pa.uint64())})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
# the file form with a footer instead of a stream
(here / "file_form.dataset").mkdir()
with pa.OSFile(str(here / "file_form.dataset/f.arrow"), "wb") as sink:
    table = pa.table(base)
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=5)
(here / "file_form.dataset/state.json").write_text(json.dumps({"_data_files": [{"filename": "f.arrow"}]}))
remember("file_form.dataset", range(N), {})

# refused: damaged or of another kind
def refused(name, columns):
    (here / name).mkdir()
    table = pa.table(columns)
    with pa.OSFile(str(here / name / "d.arrow"), "wb") as sink:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    (here / name / "state.json").write_text(json.dumps({"_data_files": [{"filename": "d.arrow"}]}))


refused("bad_no_tokens.dataset", {"text": pa.array(["a"])})
refused("bad_float_tokens.dataset", {"input_ids": pa.array([[1.5]])})
refused("bad_negative.dataset", {"input_ids": pa.array([[1, -2]], pa.list_(pa.int32()))})
refused("bad_large.dataset", {"input_ids": pa.array([[1, 2**40]], pa.list_(pa.int64()))})
refused("bad_null_token.dataset", {"input_ids": pa.array([[1, None]], pa.list_(pa.int32()))})
refused("bad_null_list.dataset", {"input_ids": pa.array([[1], None], pa.list_(pa.int32()))})
refused("bad_length.dataset", {"input_ids": pa.array([[1, 2]], pa.list_(pa.int32())), "length": pa.array([3])})
(here / "expected.json").write_text(json.dumps(facts, ensure_ascii=False) + "\n")
