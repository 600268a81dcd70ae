"""Makes the golden folders of DVC 3 and DVC 2 beside this script.

Usage: python3 make.py PATH_OF_DVC_3 PATH_OF_DVC_2

Made with DVC 3.67.1 and 2.58.2 (pathspec 0.11.2), Python 3.11.7. Each folder holds the pointers, the cache, and .gitignore
as the program wrote them. The data itself is written by test/dvc/golden-data.ts, which has the same bytes.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))

TREE = {
    "a-b": b"dash",
    "a/b": b"slash",
    "crlf.csv": b"a,b\r\n1,2\r\n",
    "del\x7f.txt": b"del",
    "empty": b"",
    "\u00e4.txt": "gr\u00fcn\n".encode(),
    "\U0001f600.txt": b"emoji\n",
    "\ufffd.txt": b"replacement\n",
    "tab\tq\"uote\\.txt": b"escapes",
    ".hidden": b"hidden",
}
ODD_NAMES = [
    "yes", "on", "123", "null", "it's", "\u00fc\U0001f600", "~", "1.5", "0x1f", "1e5", "2020-01-01", " lead", "@x", "x ",
    "a: b", "=", "12:30", "1_0", 'b"q', "del\x7f", "{a}", "a,b", "#x", "!x", "0o7", "017", ".5", "nan", ".nan", "True",
    "a [1]*?", "a #b", "-x", "tab\tx", "line\nx", "\u00a0x", "<<", "1:30:00", "x:", ":x", "?x", "0b1", "+1", ".inf",
    "%x", "&x", "*x", "|x", ">x", "`x", "'x", "--- x", "a'b: c",
    # Lines longer than 80 characters are folded.
    "long " * 10 + "name with many words " * 4 + "x", "w" * 100, "two  spaces " * 8 + "x", "x" * 72, "x" * 73,
    "word " * 14 + "ab", "word " * 14 + "abc", "word " * 14 + "abcd", "quoted: " + "word " * 20 + "x",
]
BIG = b"id,title,text\r\n" + b"".join(b"%d,title %d,some text for the row\r\n" % (i, i) for i in range(60000))


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def make(name, dvc, fill):
    env = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        run = lambda *args: subprocess.run(args, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
        run("git", "init", "-q", ".")
        # What `dvc init` makes; that of 2.58 fails with some versions of its packages.
        write(os.path.join(folder, ".dvc", "config"), b"")
        os.chdir(folder)
        result = fill(lambda *args: run(dvc, *args))
        os.chdir(here)
        target = os.path.join(here, name)
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(target)
        version = subprocess.run([dvc, "--version"], env=env, capture_output=True, text=True).stdout.strip()
        with open(os.path.join(target, "golden.json"), "w") as file:
            json.dump({"dvc": version, **result(folder)}, file, indent=1, ensure_ascii=True)
            file.write("\n")


def read(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8")


def collect(names):
    def result(folder):
        manifests = {}
        objects = []
        cache = os.path.join(folder, ".dvc", "cache")
        for base, _, files in os.walk(cache):
            for file in files:
                path = os.path.join(base, file)
                key = os.path.relpath(path, cache)
                objects.append(key)
                if key.endswith(".dir"):
                    manifests[key] = read(path)
        pointers = {name: read(os.path.join(folder, name + ".dvc")) for name in names}
        return {
            "pointers": pointers,
            "gitignore": read(os.path.join(folder, ".gitignore")),
            "manifests": manifests,
            "objects": sorted(objects),
        }

    return result


def fill_3(dvc):
    for name, data in TREE.items():
        write("tree/" + name, data)
    write("run.sh", b"#!/bin/sh\n")
    os.chmod("run.sh", 0o755)
    os.makedirs("empty-folder")
    for name in ODD_NAMES:
        write(name, b"x")
    names = ["tree", "run.sh", "empty-folder", *ODD_NAMES]
    dvc("add", "-q", "--", *names)
    return collect(names)


def fill_2(dvc):
    for name, data in TREE.items():
        write("tree/" + name, data)
    write("big.csv", BIG)
    write("binary.dat", bytes(range(256)) * 10 + b"\r\n")
    # A CRLF across two pieces of 1 MiB stays; whether a piece is text is decided for each.
    write("split.csv", b"x" * (2**20 - 1) + b"\r\nend\r\n")
    write("mixed.dat", b"text\r\n" + b"y" * (2**20 - 6) + b"\0\r\n" + b"z" * 2**20 + b"\r\n")
    names = ["tree", "big.csv", "binary.dat", "split.csv", "mixed.dat"]
    dvc("add", "-q", "--", *names)
    return collect(names)


make("dvc-3", sys.argv[1], fill_3)
make("dvc-2", sys.argv[2], fill_2)
