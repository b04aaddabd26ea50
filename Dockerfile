# The suite with Node, PostgreSQL, Redis, MongoDB and libSQL inside: no other container is needed. docs/install.md says how it is used.
#   python -m build && docker build -t world-conformance .
# BASE is any image with Python 3.11 or newer, pip, and glibc.
ARG BASE=python:3.12-slim-bookworm
FROM ${BASE}

# libcurl is for mongod
RUN apt-get update \
 && apt-get install -y --no-install-recommends libcurl4 \
 && rm -rf /var/lib/apt/lists/*

# dist/ holds one wheel. An environment of its own, so that BASE may be a Debian whose Python is managed.
COPY dist/*.whl /tmp/wheels/
RUN python3 -m venv /opt/suite \
 && /opt/suite/bin/pip install --no-cache-dir "$(ls /tmp/wheels/*.whl)[embedded]" \
 && rm -r /tmp/wheels

# A user without rights: servers start without root, and what a run writes belongs to that user.
RUN useradd --create-home world && install --directory --owner world /work
USER world
ENV PATH=/opt/suite/bin:$PATH
WORKDIR /work
ENTRYPOINT ["world-conformance"]
CMD ["--help"]
