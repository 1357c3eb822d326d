"""Tries: to read the memory of the process that it was forked from.

Must: read nothing that is secret.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in {os.getppid(), 1, 2, 3, os.getpid() - 1} - {0, os.getpid()}:
    try: print(open(f"/proc/{pid}/mem", "rb").read(1))
    except OSError as error: print(error)
    print(libc.ptrace(16, pid, 0, 0))
"""
