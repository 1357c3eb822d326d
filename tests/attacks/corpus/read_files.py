"""Tries: to read every file that might hold the solution or other people's work.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import os, time
needle, end = b"canary" + b"-", time.monotonic() + 1.5
passed_over = {"usr", "lib", "lib64", "proc", "sys", "dev", "site-packages", "lib-dynload"}
for top in ("../../..", "../..", "/home", "/tmp", "/root", "/srv", "/var", "/"):
    for folder, folders, names in os.walk(top):
        folders[:] = [n for n in folders if n not in passed_over and not n.startswith(".p")]
        for name in names:
            if time.monotonic() > end: break
            if not os.path.isfile(os.path.join(folder, name)): continue
            try:
                with open(os.path.join(folder, name), "rb") as file: data = file.read(300_000)
            except OSError:
                continue
            if needle in data:
                place = data.index(needle)
                print(folder, name, data[place:place + 30])
        if time.monotonic() > end: break
"""
