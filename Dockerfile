# A small image of the bot: no compiler, not root, and nothing in the image is written to.
# compose.yaml runs it; docs/operating.md explains how.

# Any Debian with Python 3.11 or newer, its venv module and useradd.
ARG BASE=python:3.13-slim-trixie

FROM ${BASE} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils \
    && python3 -m venv /opt/actionbot
COPY requirements.txt ./
RUN /opt/actionbot/bin/python -m pip install --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY conversations conversations
COPY storage storage
# The packages' own tests, their sources in C and what debuggers need are a quarter of the image.
# Libraries in folders such as numpy.libs can't be loaded once they are stripped.
RUN /opt/actionbot/bin/python -m pip install --no-deps --no-build-isolation . \
    && /opt/actionbot/bin/python -m pip uninstall --yes pip setuptools \
    && find /opt/actionbot -depth -type d -name tests -exec rm -r {} + \
    && find /opt/actionbot -type f -regex '.*\.\(a\|c\|cpp\|h\|hpp\|pxd\|pyx\)' -delete \
    && find /opt/actionbot -type f -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +

FROM ${BASE}
# Charts need letters that DejaVu Sans lacks: Chinese, Japanese and Korean, Hindi, Thai. Arabic it has.
# Debian keeps one version of a font, and any is good.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-wqy-microhei fonts-lohit-deva fonts-tlwg-loma-ttf \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin \
    && useradd --system --uid 10001 --home-dir /srv/actionbot --shell /usr/sbin/nologin actionbot \
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
