"""Tries: to see what the machine runs, with which arguments and files.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import glob, os
for path in glob.glob("/proc/[0-9]*"):
    for name in ("cmdline", "maps", "mounts"):
        try: print(open(f"{path}/{name}").read())
        except OSError: pass
    for link in ("cwd", "exe", "root"):
        try: print(os.readlink(f"{path}/{link}"), os.listdir(f"{path}/root/../.."))
        except OSError: pass
"""
