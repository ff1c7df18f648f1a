# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden values of core/stats from SciPy, scikit-learn and statsmodels. Writes golden.json beside this file."""
import json
import pathlib
import warnings

import numpy as np
import scipy
import scipy.stats as st
import sklearn
import statsmodels
from sklearn.mixture import GaussianMixture
from statsmodels.stats.multitest import fdrcorrection
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(7)
out = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__,
                 "statsmodels": statsmodels.__version__},
    "date": "2026-11-21",
}

out["rank_sum"] = []
for n1, n2, decimals in [(50, 7, 12), (300, 40, 1), (5, 5, 0), (2000, 1, 2)]:
    a = np.round(rng.normal(0.1, 1, n1), decimals)
    b = np.round(rng.normal(0.3, 1, n2), decimals)
    r = st.ranksums(a, b)
    out["rank_sum"].append({"a": a.tolist(), "b": b.tolist(), "z": float(r.statistic), "p": float(r.pvalue)})

p = np.round(rng.uniform(0, 0.3, 40), 3)
out["fdr"] = {"p": p.tolist(), "fdr": fdrcorrection(p)[1].tolist()}

out["t_test"] = []
for a, b in [(rng.normal(1, 2, 6), rng.normal(0, 1, 9)), (rng.normal(0, 1, 2), rng.normal(0, 5, 3))]:
    one, two = st.ttest_1samp(a, 0.25), st.ttest_ind(a, b, equal_var=False)
    ci, ci2 = one.confidence_interval(), two.confidence_interval()
    out["t_test"].append({"a": a.tolist(), "b": b.tolist(), "hypothesis": 0.25,
                          "one": [one.statistic, one.pvalue, ci.low, ci.high],
                          "welch": [two.statistic, two.pvalue, two.df, ci2.low, ci2.high]})

out["clopper_pearson"] = [[k, n, *map(float, proportion_confint(k, n, method="beta"))]
                          for k, n in [(0, 10), (1, 10), (5, 10), (10, 10), (3, 1000), (250, 999), (0, 1)]]

out["correlation"] = []
for n, decimals in [(12, 8), (60, 1), (400, 0), (1000, 3)]:
    x = np.round(rng.normal(size=n), decimals)
    y = np.round(0.4 * x + rng.normal(size=n), decimals)
    s, k = st.spearmanr(x, y), st.kendalltau(x, y, method="asymptotic")
    out["correlation"].append({"x": x.tolist(), "y": y.tolist(), "spearman": [s.statistic, s.pvalue],
                               "kendall": [k.statistic, k.pvalue]})

out["enrichment"] = []
for both, list_only, set_only, neither in [(3, 7, 20, 1000), (12, 88, 188, 15000), (0, 5, 5, 5), (8, 2, 1, 5), (40, 60, 60, 40)]:
    table = [[both, list_only], [set_only, neither]]
    out["enrichment"].append({"table": [both, list_only, set_only, neither],
                              "greater": float(st.hypergeom.sf(both - 1, sum(map(sum, table)), both + set_only, both + list_only)),
                              "two_sided": float(st.fisher_exact(table).pvalue)})

out["mixture"] = []
warnings.simplefilter("ignore")
cases = {
    "separated": np.concatenate([rng.normal(-3, 1, 150), rng.normal(4, 0.5, 250)]),
    "similarities": 1 - np.concatenate([rng.gamma(2, 2e-4, 900), rng.gamma(4, 2e-3, 100)]),
    "one cloud": rng.normal(0, 1, 200),
    "tiny": np.array([0.1, 0.9]),
    "ties": np.round(1 - rng.gamma(2, 2e-4, 400), 4),
    "equal": np.full(5, 0.25),
    "unequal weights": np.concatenate([rng.normal(0, 0.2, 980), rng.normal(2, 0.4, 20)]),
}
for name, x in cases.items():
    m = GaussianMixture(n_components=2, random_state=0).fit(x.reshape(-1, 1))
    order = np.argsort(m.means_[:, 0], kind="stable")
    out["mixture"].append({"name": name, "x": x.tolist(), "weights": m.weights_[order].tolist(),
                           "means": m.means_[order, 0].tolist(), "variances": m.covariances_[order, 0, 0].tolist(),
                           "iterations": int(m.n_iter_), "converged": bool(m.converged_),
                           "log_likelihood": float(m.lower_bound_)})

q = rng.normal(size=31)
out["descriptive"] = {"x": q.tolist(), "quantiles": [[f, float(np.quantile(q, f))] for f in (0, 0.025, 0.31, 0.5, 0.975, 1)],
                      "median": float(np.median(q)), "mad": float(1.4826 * np.median(np.abs(q - np.median(q)))),
                      "sd": float(np.std(q, ddof=1)), "population_sd": float(np.std(q))}

pathlib.Path(__file__).with_name("golden.json").write_text(json.dumps(out))
