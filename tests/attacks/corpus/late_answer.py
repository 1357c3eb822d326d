"""Tries: to answer after the time limit, and the calls of the next test and the next question.

Must: gain no point.
"""

CELL = """
import gc, os, socket, struct, threading, time
def later(seconds, value):
    try: import msgpack
    except ImportError: return
    body = msgpack.packb({"status": "ok", "value": value})
    socks = [o for o in gc.get_objects() if isinstance(o, socket.socket)]
    def send():
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.1)
            for sock in socks:
                try: sock.sendall(struct.pack("!I", len(body)) + body)
                except OSError: pass
    if os.fork() == 0:
        os.setsid(); time.sleep(2.2); send(); os._exit(0)
    time.sleep(2.2)
"""
ANSWERS = {
    "double": "def double(x): later(4, 3.0); return x",
    "mean": "def mean(x): later(4, 6); return x[0]",
}
