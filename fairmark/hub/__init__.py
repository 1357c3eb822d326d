"""A JupyterHub with this course: accounts, exchange, what students and graders see, the start.

``configure.py``, ``settings.py`` and ``authenticator.py`` run inside the hub; ``roles.py`` writes
what single-user servers read; ``collect.py`` runs in the grader's server; the rest prepares, starts
and ends a local hub.
"""
