"""Where fairmark meets nbgrader: the gradebook, its preprocessors, releases and feedback pages."""
