# One image, three commands: serve (the default), worker, migrate.
# Not run: it was written on a machine without a container engine.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/child-index
COPY requirements.lock .
RUN /opt/child-index/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY child_index child_index
COPY matching matching
COPY api api
RUN /opt/child-index/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin child-index \
    && install -d -o child-index -g child-index -m 0700 /data
COPY --from=build /opt/child-index /opt/child-index
# HOME is in memory: the root file system may be read-only (--read-only --tmpfs /tmp --volume …:/data).
ENV PATH=/opt/child-index/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    GUNICORN_CMD_ARGS="--worker-tmp-dir /dev/shm" \
    CHILD_INDEX_HOME=/data \
    CHILD_INDEX_HOST=0.0.0.0 \
    CHILD_INDEX_PORT=8000
USER 10001:10001
VOLUME /data
EXPOSE 8000
# For serve; start the worker with --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# serve runs gunicorn with --no-control-socket, the workers and the threads of the settings.
ENTRYPOINT ["child-index"]
CMD ["serve"]
