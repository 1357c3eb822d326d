"""A JupyterHub with this course: accounts, exchange, what students and graders see, the start.

``configure.py``, ``settings.py`` and ``authenticator.py`` run inside the hub; ``roles.py`` writes
what single-user servers read; ``submit.py`` runs in students' servers, ``collect.py``,
``feedback.py``, ``runner.py`` and ``formgrader/`` in the grader's, ``desk/``, the first page, in
both; the rest prepares, starts and ends a local hub.
"""
