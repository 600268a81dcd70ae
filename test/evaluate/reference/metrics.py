"""Reference values for src/foundation/metrics, from scikit-learn. Run: python metrics.py > metrics.json

Inputs are seeded NumPy draws, stored with the values: two to seven classes, tied logits, a class that is missing from
the labels, a class missing from the predictions, articles that are all correct, one single article.
"""
import json
import sys
import warnings

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
    roc_curve,
)

warnings.filterwarnings("ignore")
BINS = 15


def calibration_error(labels, p):
    winner, confidence = p.argmax(1), p.max(1)
    index = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence)
    bins = []
    for b in range(BINS):
        mask = index == b
        n = int(mask.sum())
        bins.append([n, float(confidence[mask].mean()) if n else 0.0, float((winner == labels)[mask].mean()) if n else 0.0])
    ece = sum(n / len(labels) * abs(a - c) for n, c, a in bins)
    return bins, float(ece)


def ranking(formula, labels, p, classes):
    """Class 1 of two; of more the mean over the classes that have both positives and others."""
    values = []
    for c in [1] if classes == 2 else range(classes):
        y = labels == c
        if y.any() and not (formula is roc_auc_score and y.all()):
            # Rounded: softmax sums in another order part by the last bit what the logits tie.
            values.append(formula(y, p[:, c].round(12)))
    return float(np.mean(values)) if values else None


def fit_temperature(logits, labels, classes):
    n = len(labels)
    missed = 1 / (n + 2)
    target = np.full((n, classes), missed / (classes - 1))
    target[np.arange(n), labels] = 1 - missed
    loss = lambda log_t: -(target * log_softmax(logits / np.exp(log_t), axis=1)).sum(1).mean()
    found = minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-12})
    return float(np.exp(found.x))


def case(name, logits, labels, classes, temperature=1.0):
    logits = np.asarray(logits, dtype=np.float32)
    z = logits.astype(np.float64) / temperature
    p = softmax(z, axis=1)
    winner = logits.argmax(1)
    everything = list(range(classes))
    precision, recall, f1, support = precision_recall_fscore_support(labels, winner, labels=everything, zero_division=0)
    macro = precision_recall_fscore_support(labels, winner, average="macro", zero_division=0)
    bins, ece = calibration_error(labels, p)
    one_hot = np.eye(classes)[labels]
    brier = brier_score_loss(labels, p[:, 1], labels=[0, 1], pos_label=1) if classes == 2 else float(((p - one_hot) ** 2).sum(1).mean())
    fpr, tpr = (None, None)
    if classes == 2 and 0 < labels.sum() < len(labels):
        fpr, tpr, _ = roc_curve(labels, z[:, 1] - z[:, 0])
        fpr, tpr = fpr.tolist(), tpr.tolist()
    return {
        "name": name,
        "classes": classes,
        "temperature": temperature,
        "logits": logits.ravel().tolist(),
        "labels": labels.tolist(),
        "accuracy": float(accuracy_score(labels, winner)),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "macro": [float(v) for v in macro[:3]],
        "confusion": confusion_matrix(labels, winner, labels=everything).tolist(),
        "rocAuc": ranking(roc_auc_score, labels, p if classes > 2 else np.c_[-z[:, 1], z[:, 1] - z[:, 0]], classes),
        "prAuc": ranking(average_precision_score, labels, p if classes > 2 else np.c_[-z[:, 1], z[:, 1] - z[:, 0]], classes),
        "brier": float(brier),
        "ece": ece,
        "bins": bins,
        "loss": float(log_loss(labels, p, labels=everything)),
        "roc": None if fpr is None else [fpr, tpr],
        "fittedTemperature": fit_temperature(logits.astype(np.float64), labels, classes),
    }


def main():
    rng = np.random.default_rng(20260101)
    noisy = lambda n, c, labels, gain: rng.normal(size=(n, c)) + gain * np.eye(c)[labels]
    cases = []
    y = rng.integers(0, 2, 200)
    cases.append(case("two classes", noisy(200, 2, y, 1.5), y, 2))
    cases.append(case("two classes, tempered", 4 * noisy(150, 2, y[:150], 1.5), y[:150], 2, temperature=2.5))
    cases.append(case("two classes, ties", np.round(2 * noisy(200, 2, y, 1.0)) / 2, y, 2))
    y = rng.choice(3, 150, p=[0.2, 0.3, 0.5])
    cases.append(case("three classes", noisy(150, 3, y, 1.2), y, 3))
    cases.append(case("three classes, ties", np.round(noisy(150, 3, y, 1.2)), y, 3))
    y = rng.choice([0, 2], 80)
    cases.append(case("three classes, one missing from the labels", noisy(80, 3, y, 1.0), y, 3))
    logits = noisy(80, 3, y, 1.0)
    logits[:, 1] -= 50
    cases.append(case("three classes, one missing from labels and predictions", logits, y, 3))
    y = np.ones(30, dtype=int)
    cases.append(case("two classes, one missing from the labels", noisy(30, 2, y, 0.5), y, 2))
    y = rng.integers(0, 2, 40)
    cases.append(case("all right", 20 * (np.eye(2)[y] - 0.5) + rng.normal(size=(40, 2)), y, 2))
    cases.append(case("worse than chance", -3 * (np.eye(2)[y] - 0.5) + rng.normal(size=(40, 2)), y, 2))
    cases.append(case("one article", np.array([[0.25, 1.5]]), np.array([1]), 2))
    for classes, steps in ((5, 4), (7, 3), (4, 6)):
        y = rng.integers(0, classes, 160)
        name = f"{classes} classes, integer logits"
        cases.append(case(name, rng.integers(0, steps, (160, classes)) + np.eye(classes)[y].astype(int), y, classes))
    cases.append(case("4 classes, integer logits, tempered", rng.integers(0, 4, (160, 4)), y, 4, temperature=1.7))
    versions = {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__}
    json.dump({"versions": versions, "cases": cases}, sys.stdout)


main()
