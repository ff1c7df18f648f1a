#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ridge regressions with a penalty chosen by leaving out one row, by scikit-learn: RidgeCV behind a StandardScaler.

    make.py        writes golden.json beside this file

Cases: much signal, none, and fewer rows than columns. The last rows of each are the test rows.
"""
import datetime
import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ALPHAS = [0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5]


def case(seed, rows, columns, signal):
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(rows, columns)) * rng.uniform(0.01, 30, columns) + rng.normal(size=columns) * 5).astype(np.float32)
    x[:, 0] = 3.0  # constant
    y = signal * StandardScaler().fit_transform(x) @ rng.normal(size=columns) + rng.normal(size=rows) + 50.0
    train = rows - 8
    model = make_pipeline(StandardScaler(), RidgeCV(alphas=ALPHAS)).fit(x[:train].astype(float), y[:train])
    return {"columns": columns, "train": train, "x": x.ravel().tolist(), "y": y.tolist(),
            "penalty": float(model[-1].alpha_), "predicted": model.predict(x[train:].astype(float)).tolist()}


golden = {"sklearn": sklearn.__version__, "made": str(datetime.date.today()),
          "cases": [case(1, 60, 7, 2.0), case(2, 60, 7, 0.0), case(3, 30, 40, 0.5), case(4, 200, 12, 0.2)]}
(pathlib.Path(__file__).parent / "golden.json").write_text(json.dumps(golden))
print([c["penalty"] for c in golden["cases"]])
