# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference values of core/evaluate, by scikit-learn and SciPy.

    python make.py        writes golden.json beside this file

metrics   made-up probabilities of three classes with ties, and what scikit-learn says of them
binary    the same for two classes
regression
chi2, cramers_v
linear    coefficients of LogisticRegression(liblinear) and LinearSVC(dual=False) on standardised columns
kang      test accuracy and macro-F1 of the baselines on log-normalised PCA of tests/data/datasets/kang_pbmc_labelled.h5ad, PCA fitted on the
          training cells; the training cells are those whose index is no multiple of 3. All genes, 30 components.
"""
import datetime
import json
import pathlib

import anndata
import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (accuracy_score, auc, average_precision_score, balanced_accuracy_score, brier_score_loss, confusion_matrix, f1_score,
                             log_loss, mean_absolute_error, precision_recall_curve, precision_recall_fscore_support, r2_score, roc_auc_score,
                             roc_curve, root_mean_squared_error)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(20)


def classification(n, k):
    truth = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) + 1.2 * np.eye(k)[truth]
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    p = np.round(p, 2)  # ties
    p[:, -1] = 1 - p[:, :-1].sum(1)
    p = np.clip(p, 0, 1)
    predicted = p.argmax(1)
    onehot = np.eye(k)[truth]
    confidence = p.max(1)
    right = (predicted == truth).astype(float)
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], confidence)
    ece = sum(abs(right[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean() for b in range(10) if (bins == b).any())
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted, labels=range(k), zero_division=0)
    observed, mean_p = calibration_curve(onehot[:, 0], p[:, 0], n_bins=10)
    fpr, tpr, thresholds = roc_curve(onehot[:, 0], p[:, 0], drop_intermediate=False)
    pr, rc, _ = precision_recall_curve(onehot[:, 0], p[:, 0])
    weights = rng.integers(0, 4, n).astype(float)
    return {
        "truth": truth.tolist(), "p": p.ravel().tolist(), "weights": weights.tolist(),
        "accuracy": accuracy_score(truth, predicted), "balanced_accuracy": balanced_accuracy_score(truth, predicted),
        "macro_f1": f1_score(truth, predicted, average="macro"),
        "macro_auroc": float(np.mean([roc_auc_score(onehot[:, c], p[:, c]) for c in range(k)])),
        "macro_auprc": float(np.mean([average_precision_score(onehot[:, c], p[:, c]) for c in range(k)])),
        "log_loss": log_loss(truth, np.clip(p, np.finfo(float).eps, 1), labels=range(k)) if k > 2 else None,
        "brier": brier_score_loss(truth, p) if k > 2 else brier_score_loss(truth, p[:, 1]),
        "ece": float(ece),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(),
        "auroc": [roc_auc_score(onehot[:, c], p[:, c]) for c in range(k)],
        "auprc": [average_precision_score(onehot[:, c], p[:, c]) for c in range(k)],
        "confusion": confusion_matrix(truth, predicted, labels=range(k)).ravel().tolist(),
        "weighted_auroc": roc_auc_score(onehot[:, 0], p[:, 0], sample_weight=weights),
        "weighted_auprc": average_precision_score(onehot[:, 0], p[:, 0], sample_weight=weights),
        "weighted_f1": f1_score(truth, predicted, average="macro", sample_weight=weights),
        "calibration_observed": observed.tolist(), "calibration_mean": mean_p.tolist(),
        "fpr": fpr.tolist(), "tpr": tpr.tolist(), "roc_trapezoid": auc(fpr, tpr),
        "precision_curve": pr[::-1].tolist(), "recall_curve": rc[::-1].tolist(),
    }


def regression():
    x = rng.normal(size=60)
    y = x + rng.normal(size=60) * 0.7
    return {"truth": x.tolist(), "predicted": y.tolist(), "r2": r2_score(x, y), "spearman": scipy.stats.spearmanr(x, y)[0],
            "pearson": scipy.stats.pearsonr(x, y)[0], "rmse": root_mean_squared_error(x, y), "mae": mean_absolute_error(x, y)}


def cramers_v(a, b):
    table = np.zeros((max(a) + 1, max(b) + 1))
    np.add.at(table, (a, b), 1)
    n = table.sum()
    r, k = table.shape
    phi = max(0, scipy.stats.chi2_contingency(table, correction=False)[0] / n - (k - 1) * (r - 1) / (n - 1))
    return float(np.sqrt(phi / (min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1)))


def association():
    a = rng.integers(0, 3, 120)
    b = np.where(rng.random(120) < 0.6, a, rng.integers(0, 4, 120))
    return {"a": a.tolist(), "b": b.tolist(), "v": cramers_v(a, b)}


def linear():
    x = rng.normal(size=(90, 4)) * [1, 5, 0.1, 1] + [0, 3, 0, 0]
    y = rng.integers(0, 3, 90)
    x[:, 0] += y
    x[:, 1] -= 4 * (y == 2)
    x = x.astype(np.float32).astype(float)
    z = StandardScaler().fit_transform(x)
    result = {"x": x.ravel().tolist(), "y": y.tolist()}
    # one against the rest of the liblinear solver, which scikit-learn 1.8 and later leaves to OneVsRestClassifier
    lr = OneVsRestClassifier(LogisticRegression(solver="liblinear", tol=1e-10, max_iter=1000)).fit(z, y)
    svm = LinearSVC(dual=False, tol=1e-10, max_iter=10000).fit(z, y)
    result["logistic_p"] = lr.predict_proba(z).ravel().tolist()
    result["svm_scores"] = svm.decision_function(z).ravel().tolist()
    binary = LogisticRegression(solver="liblinear", tol=1e-10, max_iter=1000).fit(z, y == 2)
    result["binary_p"] = binary.predict_proba(z)[:, 1].tolist()
    return result


def kang():
    data = anndata.read_h5ad(here / "../../data/datasets/kang_pbmc_labelled.h5ad")
    counts = np.asarray(data.X.todense(), dtype=float)
    logs = np.log1p(1e4 * counts / counts.sum(1, keepdims=True))
    labels = data.obs["cell_type"].astype(str).to_numpy()
    classes = sorted(set(labels))
    y = np.array([classes.index(label) for label in labels])
    index = np.arange(len(y))
    train, test = index % 3 != 0, index % 3 == 0
    pca = PCA(30, svd_solver="full").fit(logs[train])
    features = pca.transform(logs)
    scaler = StandardScaler().fit(features[train])
    z = scaler.transform(features)
    result = {"classes": classes, "train": int(train.sum()), "test": int(test.sum())}

    def scores(predicted):
        return {"accuracy": accuracy_score(y[test], predicted), "macro_f1": f1_score(y[test], predicted, average="macro")}

    majority = np.bincount(y[train]).argmax()
    result["majority"] = scores(np.full(test.sum(), majority))
    lr = OneVsRestClassifier(LogisticRegression(solver="liblinear")).fit(z[train], y[train])
    result["logistic-regression"] = scores(lr.predict(z[test]))
    result["linear-svm"] = scores(LinearSVC(dual=False).fit(z[train], y[train]).predict(z[test]))
    forests = [scores(RandomForestClassifier(100, random_state=seed).fit(features[train], y[train]).predict(features[test])) for seed in range(10)]
    result["random-forest"] = {key: float(np.mean([f[key] for f in forests])) for key in forests[0]}
    result["random-forest-sd"] = float(np.std([f["accuracy"] for f in forests]))
    return result


golden = {
    "made": {"date": datetime.date.today().isoformat(), "scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "metrics": classification(200, 3), "binary": classification(150, 2), "regression": regression(),
    "chi2": [[x, df, float(scipy.stats.chi2.sf(x, df))] for x, df in [(0.0, 1), (3.84, 1), (12.5, 4), (60.0, 3)]],
    "cramers_v": association(), "linear": linear(), "kang": kang(),
}
(here / "golden.json").write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
print(json.dumps(golden["kang"], indent=1))
