# SPDX-License-Identifier: GPL-3.0-or-later
"""The published statistics of perturbation runs, restated from the written rules (geneformer-behaviour 7) with pandas,
SciPy, statsmodels and scikit-learn, on runs that tests/core/ranking/formula_run.h makes from the same formula.
Writes golden.json beside this file."""
import json
import pathlib
import random
import warnings

import numpy as np
import pandas as pd
import scipy
import sklearn
import statsmodels
from scipy.stats import ranksums
from sklearn.mixture import GaussianMixture
from statsmodels.stats.multitest import fdrcorrection

warnings.simplefilter("ignore")


def uniform(*keys):
    """Mixes integers into [0, 1): the same 32-bit arithmetic as formula_run.h."""
    h = 2166136261
    for key in keys:
        h = ((h ^ (key & 0xFFFFFFFF)) * 16777619) & 0xFFFFFFFF
        h ^= h >> 15
        h = (h * 2246822519) & 0xFFFFFFFF
        h ^= h >> 13
    return h / 4294967296.0


def run(genes, cells, states, salt, every=True):
    """{token: [values per state]} with the values of the cells that have the gene, in cell order."""
    out = {}
    for g in range(genes):
        lists = [[] for _ in range(max(1, states))]
        for c in range(cells):
            if not every and uniform(salt, g, c, 99) > 0.15 + 0.8 * uniform(salt, g, 98):
                continue
            for s in range(max(1, states)):
                strength = uniform(salt, g, s, 97)
                noise = uniform(salt, g, c, s) - 0.5
                if states:
                    value = 0.002 * noise + (0.0008 * (strength - 0.5) if g % 3 == 0 else 0.0)
                else:
                    value = 1.0 - (0.01 * strength if g % 5 == 0 else 0.0008 * strength) * (1.0 + noise)
                lists[s].append(float(np.float32(value)))
        if lists[0]:
            out[10 + 3 * g] = lists
    return out


def frame(tokens):
    return pd.DataFrame({"Gene": tokens, "Gene_name": [f"SYM{t}" for t in tokens],
                         "Ensembl_ID": [f"ENSG{t:011d}" for t in tokens]})


def fdr(p):
    return list(fdrcorrection(np.array(p, dtype=float))[1])


def goal(data, alternatives):
    tokens = sorted(data)
    df = frame(tokens)
    p = {}
    names = ["goal"] + alternatives
    for s, _ in enumerate(names, start=1):
        pool = [v for t in tokens for v in data[t][s]]
        if len(pool) > 100_000:
            random.seed(42)
            pool = random.sample(pool, k=100_000)
        p[s] = [ranksums(pool, data[t][s]).pvalue for t in tokens]
    for s, name in enumerate(names, start=1):
        df["Shift_to_goal_end" if s == 1 else f"Shift_to_alt_end_{name}"] = [np.mean(data[t][s]) for t in tokens]
    for s, name in enumerate(names, start=1):
        df["Goal_end_vs_random_pval" if s == 1 else f"Alt_end_vs_random_pval_{name}"] = p[s]
    for s, name in enumerate(names, start=1):
        df["Goal_end_FDR" if s == 1 else f"Alt_end_FDR_{name}"] = fdr(p[s])
    df["N_Detections"] = [len(data[t][0]) for t in tokens]
    df["Sig"] = [1 if f < 0.05 else 0 for f in df["Goal_end_FDR"]]
    return df.sort_values(by=["Sig", "Shift_to_goal_end", "Goal_end_FDR"], ascending=[False, False, True])


def vs_null(test, null):
    tokens = sorted(test)
    df = frame(tokens)
    empty = [[]]
    df["Test_avg_shift"] = [np.mean(test[t][0]) for t in tokens]
    df["Null_avg_shift"] = [np.mean(null[t][0]) if t in null else np.nan for t in tokens]
    df["Test_vs_null_avg_shift"] = df["Test_avg_shift"] - df["Null_avg_shift"]
    p = [ranksums(test[t][0], null.get(t, empty)[0], nan_policy="omit").pvalue for t in tokens]
    df["Test_vs_null_pval"] = [1.0 if np.isnan(x) else x for x in p]
    df["Test_vs_null_FDR"] = fdr(df["Test_vs_null_pval"])
    df["N_Detections_test"] = [len(test[t][0]) for t in tokens]
    df["N_Detections_null"] = [len(null.get(t, empty)[0]) for t in tokens]
    df["Sig"] = [1 if f < 0.05 else 0 for f in df["Test_vs_null_FDR"]]
    return df.sort_values(by=["Sig", "Test_vs_null_avg_shift", "Test_vs_null_FDR"], ascending=[False, False, True])


def impact(means, values, df):
    """Components ordered by mean, so that component 0 is the impact (required behaviour, section 11 row 5)."""
    model = GaussianMixture(n_components=2, random_state=0).fit(np.array(means).reshape(-1, 1))
    low, high = np.argsort(model.means_[:, 0])

    def component(value):
        if value > model.means_[high, 0]:
            return 0
        if value < model.means_[low, 0]:
            return 1
        return 1 if model.predict([[value]])[0] == low else 0

    df["Impact_component"] = [component(m) for m in means]
    df["Impact_component_percent"] = [100 * np.mean([component(v) for v in vs]) for vs in values]


def mixture(data):
    tokens = sorted(data)
    df = frame(tokens)
    df["Test_avg_shift"] = [np.mean(data[t][0]) for t in tokens]
    impact(list(df["Test_avg_shift"]), [data[t][0] for t in tokens], df)
    df["N_Detections"] = [len(data[t][0]) for t in tokens]
    return df.sort_values(by=["Impact_component", "Test_avg_shift"], ascending=[False, True])


def pairs(anchor, single, both):
    tokens = sorted(single)
    df = frame(tokens)
    a = [np.mean(anchor[t]) for t in tokens]
    g = [np.mean(single[t]) for t in tokens]
    df["Anchor_shift"], df["Test_token_shift"] = a, g
    df["Sum_of_indiv_shifts"] = [1 - ((1 - x) + (1 - y)) for x, y in zip(a, g)]
    df["Combo_shift"] = [np.mean(both[t]) for t in tokens]
    df["Combo_minus_sum_shift"] = df["Combo_shift"] - df["Sum_of_indiv_shifts"]
    impact(list(df["Combo_shift"]), [both[t] for t in tokens], df)
    df["N_Detections"] = [len(both[t]) for t in tokens]
    return df.sort_values(by=["Impact_component", "Combo_minus_sum_shift"], ascending=[False, True])


def table(df):
    columns = {c: [None if isinstance(v, float) and np.isnan(v) else v for v in df[c].tolist()] for c in df.columns}
    return {"names": list(df.columns), "index": [str(i) for i in df.index], "columns": columns}


similarity = run(120, 40, 0, 5, every=False)
null = {t: v for t, v in run(120, 30, 0, 6, every=False).items() if t % 7}
anchored = run(40, 25, 3, 8, every=True)   # values 0, 1, 2 serve as anchor, single, both

out = {
    "versions": {"numpy": np.__version__, "pandas": pd.__version__, "scipy": scipy.__version__,
                 "sklearn": sklearn.__version__, "statsmodels": statsmodels.__version__},
    "date": "2026-11-21",
    "goal": table(goal(run(60, 50, 2, 1, every=False), [])),
    "goal_alternatives": table(goal(run(60, 50, 4, 2, every=False), ["a", "b"])),
    "goal_large_pool": table(goal(run(260, 400, 2, 3), [])),
    "null": table(vs_null(similarity, null)),
    "mixture": table(mixture(similarity)),
    "pairs": table(pairs(*[{t: v[s] for t, v in anchored.items()} for s in range(3)])),
}
pathlib.Path(__file__).with_name("golden.json").write_text(json.dumps(out))
