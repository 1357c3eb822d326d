"""Tries: to call home, or the machine that it runs on.

Must: reach nobody.
"""

ANSWERS = {"mean": "def mean(x): return sum(x) / len(x)"}
POINTS = 3.0
CELL = """
import socket
for address in (("127.0.0.1", 8888), ("169.254.169.254", 80), ("1.1.1.1", 53)):
    try: print("canary" + "-network", socket.create_connection(address, 0.3))
    except OSError: pass
"""
