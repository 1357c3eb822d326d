"""Grading on a Dask cluster.

:mod:`~fairmark.batch.dask.client` gives out the work and takes in reports,
:mod:`~fairmark.batch.dask.worker` is what a Dask worker calls, and
:mod:`~fairmark.batch.dask.grader` is the process that grades for it. Between them go strings of
JSON: nothing that a student made is ever unpickled as an object.
"""
