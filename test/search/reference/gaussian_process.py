"""Writes gaussian-process.json: what Optuna's Gaussian process computes on 20 sets of observations.

Run with: pip install optuna==5.0.0 torch scipy greenlet; python gaussian_process.py
Each set: points of the unit cube (choices as numbers), standardised scores, kernel parameters, query points, and the
log likelihood, posterior mean and variance, log expected improvement and its gradient there; then the fitted kernel's
objective (likelihood plus prior), from ones.
"""

import json
import pathlib

import numpy as np
import optuna
import torch
from optuna._gp import acqf, gp, prior, search_space
from optuna.distributions import CategoricalDistribution, FloatDistribution

# dimensions of numbers, numbers of choices of the other dimensions, observations, noise of the function, kind
SETS = [
    (1, [], 5, 0.0, "smooth"),
    (1, [], 40, 0.1, "noisy"),
    (2, [], 10, 0.0, "smooth"),
    (2, [], 100, 0.3, "noisy"),
    (3, [], 30, 0.0, "ties"),
    (4, [], 60, 0.0, "smooth"),
    (5, [], 50, 0.1, "noisy"),
    (6, [], 200, 0.0, "smooth"),
    (8, [], 200, 0.1, "noisy"),
    (8, [], 12, 0.0, "smooth"),
    (0, [3], 3, 0.0, "smooth"),
    (0, [2, 5], 10, 0.2, "noisy"),
    (0, [3, 3, 4, 2], 60, 0.0, "ties"),
    (1, [4], 20, 0.0, "smooth"),
    (2, [3, 2], 40, 0.1, "noisy"),
    (4, [2, 6], 100, 0.0, "ties"),
    (5, [3, 3, 2], 200, 0.05, "noisy"),
    (3, [8], 80, 0.0, "repeated"),
    (2, [], 30, 0.0, "repeated"),
    (7, [5], 150, 0.0, "outlier"),
]
QUERIES = 6


def rounded(array, digits):
    return np.round(np.asarray(array, dtype=float), digits)


def make(index, numbers, choices, count, noise, kind):
    rng = np.random.RandomState(1000 + index)
    dims = numbers + len(choices)
    x = np.empty((count + QUERIES, dims))
    x[:, :numbers] = rounded(rng.rand(count + QUERIES, numbers), 4)
    for c, size in enumerate(choices):
        x[:, numbers + c] = rng.randint(size, size=count + QUERIES)
    if kind == "repeated":
        x[count // 2 : count] = x[: count - count // 2]
    points, queries = x[:count], x[count:]
    # The first query is an observed point, the second lies in a corner.
    queries[0] = points[0]
    queries[1, :numbers] = 0.0
    weights = rng.randn(dims)
    y = np.sin(3.0 * points @ weights) + (points**2) @ rng.randn(dims) * 0.3 + noise * rng.randn(count)
    if kind == "ties":
        y = np.round(y)
    if kind == "outlier":
        y[3] = -1e3
    std = y.std()
    y = rounded((y - y.mean()) / (std if std > 0 else 1.0), 6)
    kernel = {
        "inverseSquaredLengths": rounded(np.exp(rng.randn(dims)), 4),
        "scale": float(rounded(np.exp(0.5 * rng.randn()), 4)),
        "noise": float([1e-6, 1e-3, 0.05][index % 3]),
    }
    return points, queries, y, kernel


def compute(index, spec):
    numbers, choices, count, noise, kind = spec
    points, queries, y, kernel = make(index, *spec)
    is_categorical = np.array([False] * numbers + [True] * len(choices))
    space = search_space.SearchSpace(
        {f"x{i}": FloatDistribution(0, 1) for i in range(numbers)}
        | {f"z{i}": CategoricalDistribution(list(range(size))) for i, size in enumerate(choices)}
    )
    regressor = gp.GPRegressor(
        is_categorical=torch.from_numpy(is_categorical),
        X_train=torch.from_numpy(points),
        y_train=torch.from_numpy(y),
        inverse_squared_lengthscales=torch.from_numpy(kernel["inverseSquaredLengths"]),
        kernel_scale=torch.tensor(kernel["scale"], dtype=torch.float64),
        noise_var=torch.tensor(kernel["noise"], dtype=torch.float64),
    )
    likelihood = regressor.marginal_log_likelihood().item()
    regressor._cache_matrix()
    mean, variance = regressor.posterior(torch.from_numpy(queries))
    # Thresholds beyond the best score make z small, so that the tail is compared too.
    best = float(rounded(y.max() + [0.0, 0.5, 1.0, 30.0][index % 4], 4))
    improvement = acqf.LogEI(regressor, space, best)
    values, gradients = zip(*[improvement.eval_acqf_with_grad(query) for query in queries])
    fitted = gp.fit_kernel_params(points, y, is_categorical, prior.default_log_prior, prior.DEFAULT_MINIMUM_NOISE_VAR, False)
    objective = fitted.marginal_log_likelihood().item() + prior.default_log_prior(fitted).item()
    return {
        "kind": kind,
        "choices": len(choices),
        "points": points.tolist(),
        "scores": y.tolist(),
        "kernel": {**kernel, "inverseSquaredLengths": kernel["inverseSquaredLengths"].tolist()},
        "queries": queries.tolist(),
        "best": best,
        "logLikelihood": likelihood,
        "mean": mean.tolist(),
        "variance": variance.tolist(),
        "logExpectedImprovement": list(values),
        # Far in the tail Optuna's gradient is not a number.
        "gradients": [gradient.tolist() if np.isfinite(gradient).all() else None for gradient in gradients],
        "fittedObjective": objective,
    }


def main():
    sets = [compute(index, spec) for index, spec in enumerate(SETS)]
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in sets)
    made = {"optuna": optuna.__version__, "torch": torch.__version__}
    path = pathlib.Path(__file__).with_name("gaussian-process.json")
    path.write_text(f'{{"made":{json.dumps(made)},"sets":[\n{lines}\n]}}\n')


main()
