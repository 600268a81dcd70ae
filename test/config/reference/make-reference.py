# Makes the references from hydra-core (and omegaconf), which the tests hold ours against: overrides.json and compose.json
# from cases.json; edge-overrides.json and edge-compose.json from edge-cases.json; own-compose.json from the package's own
# configs, of which it keeps a copy, with the overrides in own-cases.json. Run it again when configs have changed.
# Run: python make-reference.py   (hydra-core 1.3, omegaconf 2.3). Trees and overrides are invented for the purpose.
import json, math, os, pathlib, tempfile

import hydra, omegaconf
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (ChoiceSweep, Glob, IntervalSweep, OverrideType, QuotedString, RangeSweep)
from omegaconf import OmegaConf

here = pathlib.Path(__file__).parent
configs = here.parents[2] / "configs"


def number(value):
    """JSON as JavaScript reads it has no infinities and rounds large integers."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 - 1:
        return {"$int": str(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
    return value


def element(value):
    if isinstance(value, QuotedString):
        return {"kind": "quoted", "value": value.text, "quote": "'" if value.quote.name == "single" else '"'}
    if isinstance(value, list):
        return {"kind": "list", "items": [element(v) for v in value]}
    if isinstance(value, dict):
        return {"kind": "map", "entries": [[key(k), element(v)] for k, v in value.items()]}
    if isinstance(value, ChoiceSweep):
        return {"kind": "choice", "items": [element(v) for v in value.list], "simple": value.simple_form,
                "shuffle": value.shuffle, "tags": sorted(value.tags)}
    if isinstance(value, RangeSweep):
        return {"kind": "range", "start": number(value.start), "stop": number(value.stop), "step": number(value.step),
                "shuffle": value.shuffle, "tags": sorted(value.tags)}
    if isinstance(value, IntervalSweep):
        return {"kind": "interval", "start": number(value.start), "end": number(value.end), "tags": sorted(value.tags)}
    if isinstance(value, Glob):
        return {"kind": "glob", "include": value.include, "exclude": value.exclude, "tags": []}
    return {"kind": "scalar", "value": number(value), **({"isFloat": True} if isinstance(value, float) else {})}


def key(k):
    """JSON has text keys only."""
    return {None: "null", True: "true", False: "false"}[k] if k is None or isinstance(k, bool) else str(k)


actions = {OverrideType.CHANGE: "change", OverrideType.ADD: "add", OverrideType.FORCE_ADD: "set", OverrideType.DEL: "delete"}


def parse(text):
    try:
        o = OverridesParser.create().parse_override(text)
    except Exception:
        return {"error": True}
    value = None if o.value_type is None else element(o._value)
    return {"action": actions[o.type], "key": o.key_or_group, "package": o.package, "value": value}


def plain(value):
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return number(value)


def compose_folder(folder, case):
    os.environ.update(case.get("environment", {}))
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(folder)):
            config = compose(case.get("entry", "main"), overrides=case["overrides"])
            return {"config": plain(OmegaConf.to_container(config, resolve=True, throw_on_missing=False))}
    except Exception as error:
        return {"error": type(error).__name__}
    finally:
        for name in case.get("environment", {}):
            del os.environ[name]


def run(tree, case):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in tree.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return compose_folder(folder, case)


versions = {"hydra": hydra.__version__, "omegaconf": omegaconf.__version__}


def write(name, results, extra={}):
    text = json.dumps({"versions": versions, **extra, "cases": results}, indent=1, ensure_ascii=False)
    (here / name).write_text(text + "\n")
    print(name, len(results), "cases,", sum("error" in r for r in results), "refused")


for prefix in ["", "edge-"]:
    cases = json.loads((here / f"{prefix}cases.json").read_text())
    write(f"{prefix}overrides.json", [{"override": text, **parse(text)} for text in cases["overrides"]])
    write(f"{prefix}compose.json", [
        {"tree": name, **case, **run(cases["trees"][name], case)}
        for name, group in cases["compose"].items() for case in group
    ])
own = json.loads((here / "own-cases.json").read_text())
files = {str(path.relative_to(configs)): path.read_text() for path in sorted(configs.rglob("*.yaml"))}
write("own-compose.json", [{**case, **compose_folder(configs, case)} for case in own], {"files": files})
