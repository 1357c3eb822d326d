"""Tries: to answer the judge's calls by itself, past what serves them.

Must: gain no point.
"""

CELL = """
import gc, os, socket, struct
def forge(*values):
    try: import msgpack
    except ImportError: return
    for sock in [o for o in gc.get_objects() if isinstance(o, socket.socket)]:
        for value in values:
            body = msgpack.packb({"status": "ok", "value": value, "passed": True, "score": 5.0})
            try: sock.sendall(struct.pack("!I", len(body)) + body)
            except OSError: pass
    os._exit(0)
"""
ANSWERS = {
    "double": "def double(x): forge(True, 1e308, None)",
    "mean": "def mean(x): forge(['l', [['l', []]]], {'__class__': 'float'}, b'3')",
}
