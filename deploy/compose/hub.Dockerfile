# The hub of compose.yaml: JupyterHub with its proxy and what starts containers.
FROM python:3.12-slim-bookworm

ARG JUPYTERHUB=6.1.1
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

COPY pyproject.toml README.md LICENSE /src/
COPY fairmark /src/fairmark
RUN pip install "/src[hub,lti]" "jupyterhub==$JUPYTERHUB" dockerspawner \
    && rm -r /src \
    && npm install --global configurable-http-proxy@5.3.0 --prefix /usr/local
COPY deploy/compose/jupyterhub_config.py deploy/compose/apart.py /srv/
ENV PYTHONPATH=/srv
WORKDIR /srv/hub
EXPOSE 8000
CMD ["jupyterhub", "--config", "/srv/jupyterhub_config.py"]
