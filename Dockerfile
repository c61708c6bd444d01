# One image, three commands: web (the default), worker, migrate. Not run: it was written without a container engine.
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
# HOME is in memory: the root file system may be read-only (docker run --read-only --tmpfs /tmp -v …:/data).
ENV PATH=/opt/child-index/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    CHILD_INDEX_HOME=/data \
    CHILD_INDEX_HOST=0.0.0.0 \
    CHILD_INDEX_PORT=8000
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# The other two commands: child-index work, child-index migrate.
CMD ["gunicorn", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--bind", "0.0.0.0:8000", "api.wsgi:app"]
