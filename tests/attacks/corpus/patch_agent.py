"""Tries: to answer in the place of what serves the judge's calls.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
CELL = """
try:
    import fairmark.guest.agent as agent
    agent.Agent.answer = lambda self, request: {"status": "ok", "value": 7, "passed": True}
    agent.Agent._operate = agent.Agent.answer
except ImportError:
    pass
"""
