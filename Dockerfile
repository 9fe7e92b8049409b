# A small image of the bot: no compiler, not root, and nothing in the image is written to.
# compose.yaml runs it; docs/operating.md explains how.

FROM python:3.13-slim-trixie AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/actionbot
COPY requirements.txt ./
RUN /opt/actionbot/bin/python -m pip install --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY conversations conversations
COPY storage storage
RUN /opt/actionbot/bin/python -m pip install --no-deps --no-build-isolation . \
    && /opt/actionbot/bin/python -m pip uninstall --yes pip setuptools

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --home-dir /srv/actionbot --shell /usr/sbin/nologin actionbot \
    && install -d -o actionbot -g actionbot -m 0700 /srv/actionbot /srv/actionbot/data /srv/actionbot/keys
COPY --from=build /opt/actionbot /opt/actionbot
ENV PATH=/opt/actionbot/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /srv/actionbot
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8081/readyz', timeout=8)"]
ENTRYPOINT ["actionbot"]
CMD ["run"]
