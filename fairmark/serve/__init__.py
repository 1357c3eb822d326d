"""A warm process that is kept between commands: ``fairmark serve``.

The server has imported what a command imports of *installed* code, and keeps sealed warm processes
ready. It never reads a course: each command is a process forked from it, which loads the course as
it is then. ``client`` is what a command begins with, and imports the standard library alone.
"""
