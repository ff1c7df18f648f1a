#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures Cellwright against the Python reference, same data and threads, in one run, and prints ratios.

    bench/compare.py --reference DIR --python VENV/bin/python [--only NAME ...] [--rounds 3] [--json FILE]

DIR holds bench_reference.py and make_models.py (the Python reference); VENV has the versions it asks for. Inputs are made
once in --work. Reference and Cellwright take turns, so that a machine that gets slower slows both; the median of the rounds
counts. Cellwright's time is that of the whole job between the events `started` and `finished`: reading, computing, writing.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def step_rate(run):
    """Tokens per second of the middle step of a training run."""
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    return statistics.median(e["value"] for e in events if e.get("name") == "tokens_per_second")


class Bench:
    def __init__(self, options):
        self.options = options
        self.work = Path(options.work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.program = Path(options.build) / "bin" / "cellwright"
        self.rows = []

    # ------------------------------------------------------------ running

    def reference(self, *arguments):
        """The value that the reference prints for one run, and its memory."""
        command = [self.options.python, str(Path(self.options.reference) / "bench_reference.py"), *map(str, arguments)]
        lines = subprocess.run(command, check=True, capture_output=True, text=True, cwd=self.options.reference).stdout
        last = json.loads(lines.strip().splitlines()[-1])
        return last["value"], last["peak_rss_mb"]

    def ours(self, *arguments, folder):
        """Seconds between `started` and `finished` of one job, its summary, and the peak memory of its processes."""
        command = ["/usr/bin/time", "-f", "%M", str(self.program), *map(str, arguments), "--json", "--overwrite",
                   "--threads", str(self.options.threads)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"failed: {' '.join(command)}\n{done.stderr}")
        times = {}
        for line in (Path(folder) / "events.jsonl").read_text().splitlines():
            event = json.loads(line)
            times[event["type"]] = datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
        seconds = (times["finished"] - times["started"]).total_seconds()
        return seconds, json.loads(done.stdout), int(done.stderr.strip().splitlines()[-1]) // 1024

    def compare(self, name, goal, reference, ours, unit):
        """`reference()` and `ours()` each give (value, MB); larger values are better."""
        theirs, mine = [], []
        for _ in range(self.options.rounds):
            theirs.append(reference())
            mine.append(ours())
        row = {"name": name, "unit": unit, "goal_ratio": goal,
               "reference": statistics.median(v for v, _ in theirs), "cellwright": statistics.median(v for v, _ in mine),
               "reference_mb": max(m for _, m in theirs), "cellwright_mb": max(m for _, m in mine)}
        row["ratio"] = row["cellwright"] / row["reference"]
        self.rows.append(row)
        print(f"{name:44s} {row['reference']:12.2f} {row['cellwright']:12.2f} {unit:14s} x{row['ratio']:8.1f}  "
              f"(goal x{goal})  {row['reference_mb']} / {row['cellwright_mb']} MB", flush=True)

    # ------------------------------------------------------------ inputs

    def python(self, code, *arguments):
        subprocess.run([self.options.python, "-c", code, *map(str, arguments)], check=True)

    def repeated(self, times):
        path = self.work / f"kang_x{times}.h5ad"
        if not path.exists():
            self.python("import sys, anndata as ad; a = ad.read_h5ad(sys.argv[1]); a = a[a.obs['filter_pass'] == 1].copy();"
                        "b = ad.concat([a] * int(sys.argv[2]), index_unique='-'); b.var = a.var; b.write_h5ad(sys.argv[3])",
                        self.options.counts, times, path)
        return path

    def models(self):
        folder = self.work / "models"
        if not (folder / "v1-10m" / "config.json").exists():
            subprocess.run([self.options.python, str(Path(self.options.reference) / "make_models.py"), str(folder),
                            "--fill", "plain"], check=True, cwd=self.options.reference, capture_output=True)
        return folder

    def tokens(self):
        """Token lists of the cells as JSON (for the reference) and as our token file."""
        ours, theirs = self.work / "kang.tokens.h5", self.work / "kang.tokens.json"
        if not ours.exists():
            subprocess.run([str(self.program), "tokenize", self.repeated(1), "--dictionary", "v1", "--out", ours, "--quiet"],
                           check=True, stdout=subprocess.DEVNULL)
        if not theirs.exists():
            self.python("import sys, json, h5py; f = h5py.File(sys.argv[1]); o = f['offsets'][:]; t = f['tokens'][:];"
                        "json.dump({'version': 'V1', 'cells': [t[o[i]:o[i + 1]].tolist() for i in range(len(o) - 1)]},"
                        "open(sys.argv[2], 'w'))", ours, theirs)
        return ours, theirs

    # ------------------------------------------------------------ comparisons

    def tokenize(self):
        for times, goal in ((1, 40), (32, 15)):
            data, out = self.repeated(times), self.work / "out.tokens.h5"

            def reference():
                return self.reference("tokenize", data, "--dictionaries", self.options.dictionaries, "--threads", self.options.threads)

            def ours():
                seconds, summary, memory = self.ours("tokenize", data, "--dictionary", "v1", "--out", out, folder=f"{out}.run")
                return summary["cells"] / seconds, memory

            self.compare(f"tokenize {times} x Kang, V1", goal, reference, ours, "cells/s")

    def embed(self):
        tokens, lists = self.tokens()
        model, out, cells = self.models() / "v1-10m", self.work / "out.h5ad", 120

        def ours(precision):
            seconds, _, memory = self.ours("embed", tokens, "--model", model, "--out", out, "--max-cells", cells,
                                           "--match-upstream", "--precision", precision, folder=f"{out}.run")
            return cells / seconds, memory

        def reference(*more):
            return self.reference("embed", model, lists, "--batch", 4, "--cells", cells, "--threads", self.options.threads, *more)

        for precision, goal, goal_encoder in (("fp32", 5, 1.4), ("bf16", 10, 3)):
            self.compare(f"embed V1-10M {precision}", goal, reference, lambda p=precision: ours(p), "cells/s")
            self.compare(f"embed V1-10M {precision}, reference freed of logits", goal_encoder,
                         lambda: reference("--encoder-only"), lambda p=precision: ours(p), "cells/s")

    def delete(self):
        tokens, lists = self.tokens()
        for name, goal in (("v1-10m", 5), ("tiny", 12)):
            model, out = self.models() / name, self.work / "out-delete"

            def reference():
                return self.reference("delete", model, lists, "--cells", 1, "--batch", 8, "--threads", self.options.threads)

            def ours():
                seconds, summary, memory = self.ours("perturb", tokens, "--model", model, "--out", out, "--delete", "all",
                                                     "--max-cells", 1, "--match-upstream", folder=out)
                return summary["passes"] / seconds, memory

            self.compare(f"delete every gene, {name}", goal, reference, ours, "passes/s")

    def pretrain(self):
        tokens, lists = self.tokens()
        model, out = self.models() / "v1-10m", self.work / "out-pretrain"

        def reference():
            return self.reference("pretrain", model, lists, "--batch", 12, "--steps", 3, "--threads", self.options.threads)

        def ours():
            # the rate of the steps alone: so short a run would otherwise time its validation passes
            _, _, memory = self.ours("pretrain", tokens, "--init", model, "--preset", "v1-10m", "--out", out,
                                     "--steps", 12, "--tokens-per-batch", 8192, folder=out)
            return step_rate(out), memory

        self.compare("pretrain V1-10M", 4, reference, ours, "tokens/s")

    def finetune(self):
        _, lists = self.tokens()
        model, out = self.models() / "v1-10m", self.work / "out-finetune"

        def reference():
            return self.reference("finetune", self.models() / "v1-10m-cell-classifier", lists, "--batch", 12, "--steps", 4,
                                  "--freeze", 2, "--threads", self.options.threads)

        def ours(*more):
            # as the published classifier: two frozen layers, the embeddings below them trained
            _, _, memory = self.ours("finetune", "cells", self.repeated(1), "--model", model, "--label", "condition",
                                     "--group", "none", "--validation", 0, "--test", 0, "--max-cells", 144, "--epochs", 1,
                                     "--freeze-layers", 2, "--no-baselines", "--out", out, *more, folder=out)
            return step_rate(out), memory

        self.compare("fine-tune cells V1-10M", 3, reference, lambda: ours("--train-embeddings"), "tokens/s")
        self.compare("the same, embeddings frozen too", 3, reference, ours, "tokens/s")

    def umap(self):
        cells, width = 100_000, 128
        data, out = self.work / "mixture.h5ad", self.work / "out-map.h5ad"
        if not data.exists():
            self.python("import sys, numpy as np, anndata as ad; n, d = 100_000, 128; rng = np.random.default_rng(0);"
                        "c = rng.normal(size=(20, d)) * 2; x = (c[rng.integers(0, 20, n)] + rng.normal(size=(n, d))).astype('f4');"
                        "a = ad.AnnData(obs={'i': np.arange(n)}); a.obs_names = [f'c{i}' for i in range(n)];"
                        "a.obsm['X_cellwright'] = x; a.write_h5ad(sys.argv[1])", data)

        def reference():
            value, memory = self.reference("umap", "--cells", cells, "--width", width, "--threads", self.options.threads)
            return 1 / value, memory

        def ours():
            seconds, _, memory = self.ours("map", data, "--out", out, "--umap", folder=f"{out}.run")
            return 1 / seconds, memory

        self.compare("UMAP of 100,000 x 128", 3, reference, ours, "runs/s")

    def open(self):
        data = self.work / "million.h5ad"
        if not data.exists():
            self.python("import sys, numpy as np, scipy.sparse as sp, anndata as ad; n, g, k = 1_000_000, 2000, 300;"
                        "rng = np.random.default_rng(0); i = np.concatenate([np.sort(rng.permutation(g)[:k]) for _ in range(1000)]);"
                        "i = np.tile(i, n // 1000).astype('i4'); v = rng.integers(1, 9, n * k).astype('f4');"
                        "p = np.arange(0, n * k + 1, k); a = ad.AnnData(sp.csr_matrix((v, i, p), (n, g)));"
                        "a.obs['group'] = np.array(['a', 'b'])[rng.integers(0, 2, n)];"
                        "a.var_names = [f'ENSG{j:011d}' for j in range(g)]; a.write_h5ad(sys.argv[1])", data)
        began = time.perf_counter()
        done = subprocess.run([str(self.program), "inspect", str(data), "--json"], capture_output=True, text=True)
        seconds = time.perf_counter() - began
        self.rows.append({"name": "inspect 1,000,000 cells", "unit": "s", "cellwright": seconds, "goal_seconds": 2})
        print(f"inspect 1,000,000 x 2,000 h5ad: {seconds:.2f} s, exit {done.returncode} (goal < 2 s)", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ["tokenize", "embed", "delete", "pretrain", "finetune", "umap", "open"]
    parser.add_argument("--reference", required=True, help="folder of the Python reference")
    parser.add_argument("--python", required=True, help="Python of its virtual environment")
    parser.add_argument("--dictionaries", required=True, help="folder with the published V1 pickles")
    parser.add_argument("--counts", required=True, help="kang_pbmc.h5ad")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--work", default=os.path.expanduser("~/.cache/cellwright/bench"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    parser.add_argument("--json", help="write the rows to this file too")
    options = parser.parse_args()
    bench = Bench(options)
    print(f"{'':44s} {'reference':>12s} {'cellwright':>12s}")
    for name in options.only:
        getattr(bench, name)()
    if options.json:
        Path(options.json).write_text(json.dumps({"date": datetime.now().isoformat(), "threads": options.threads,
                                                  "rows": bench.rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
