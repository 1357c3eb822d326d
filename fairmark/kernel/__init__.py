"""The warm sandbox as a Jupyter kernel, for nbclient, nbgrader, JupyterLab and the like."""
