# One small image per component:
#   docker build --target bbs --build-arg VERSION=0.2.0 --tag localhost/diego/bbs:0.2.0 .
# e2e/cluster/images builds all of them, with the arguments that make up a release.
#
# BASE_IMAGE     any image with Python 3.11 or newer as python3; every image but etcd's starts from it
# BUILDER_IMAGE  the same Python and, where this build can't reach a package index by itself, what pip needs for it (a
#                pip.conf, wheels, a CA bundle); nothing of it gets into an image
# VERSION        the release, as the programs tell it
# LAYOUTS_UNTIL  deletes the layouts of data versions above this one: that makes an older release
# RENDERER_MARK  operator only: adds an annotation to rendered templates, as another release might
ARG BASE_IMAGE=python:3.11-slim-bookworm
ARG BUILDER_IMAGE=${BASE_IMAGE}
ARG ETCD_IMAGE=registry.k8s.io/etcd:3.6.5-0
# e2e/cluster/database-image makes it
ARG DATABASES_IMAGE=scratch

# What the programs depend on. Changes with pyproject.toml only.
FROM ${BUILDER_IMAGE} AS dependencies
COPY pyproject.toml /source/
WORKDIR /source
RUN python3 -m venv /tools && python3 -m venv --without-pip /venv \
 && python3 -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb")); \
open("/tools/build.txt", "w").write("\n".join(p["build-system"]["requires"])); \
open("/tools/programs.txt", "w").write("\n".join(p["project"]["dependencies"])); \
open("/tools/operator.txt", "w").write("\n".join(p["project"]["optional-dependencies"]["operator"]))' \
 && /tools/bin/pip install --quiet --requirement /tools/build.txt \
 && /tools/bin/pip --python /venv/bin/python install --quiet --no-compile --requirement /tools/programs.txt \
 && python3 -m compileall -q --invalidation-mode unchecked-hash /venv/lib

# Our own packages, in a folder of their own: an image's layer of sources is small.
FROM dependencies AS sources
ARG LAYOUTS_UNTIL=
COPY README.md /source/
COPY scripts/image_tree.py /tools/
COPY bbs /source/bbs
COPY components /source/components
COPY controllers /source/controllers
RUN if [ -n "$LAYOUTS_UNTIL" ]; then python3 /tools/image_tree.py layouts bbs/layouts "$LAYOUTS_UNTIL"; fi \
 && /tools/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /dist . \
 && /tools/bin/pip --python /venv/bin/python install --quiet --no-deps --no-compile --no-index --root /all /dist/*.whl \
 && cp -a /all /programs && rm -r /programs/venv/lib/python3*/site-packages/controllers

FROM sources AS programs
ARG VERSION=0.0.0
RUN python3 /tools/image_tree.py stamp /programs/venv/lib/python3*/site-packages "$VERSION" \
 && python3 -m compileall -q --invalidation-mode unchecked-hash -s /programs /programs/venv/lib

FROM ${BASE_IMAGE} AS base
RUN echo 'diego:x:65532:65532::/:/usr/sbin/nologin' >>/etc/passwd && echo 'diego:x:65532:' >>/etc/group
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
USER 65532:65532

FROM base AS program
COPY --from=dependencies /venv /venv
COPY --from=programs /programs/venv /venv

FROM program AS bbs
ENTRYPOINT ["bbs"]

FROM program AS locket
ENTRYPOINT ["locket"]

FROM program AS auctioneer
ENTRYPOINT ["auctioneer"]

# Its runtime runs the apps, as a user of their own.
FROM program AS cell
USER 0:0
RUN echo 'apps:x:65533:65533::/:/usr/sbin/nologin' >>/etc/passwd && echo 'apps:x:65533:' >>/etc/group
USER 65532:65532
ENTRYPOINT ["rep"]

# Probes and load of the end-to-end tests.
FROM program AS probe
COPY e2e/__init__.py /app/e2e/
COPY e2e/probe /app/e2e/probe
ENTRYPOINT ["python3"]

FROM dependencies AS operator-dependencies
RUN /tools/bin/pip --python /venv/bin/python install --quiet --no-compile --requirement /tools/operator.txt \
 && python3 -m compileall -q --invalidation-mode unchecked-hash /venv/lib

FROM sources AS operator-sources
ARG VERSION=0.0.0
ARG RENDERER_MARK=
RUN python3 /tools/image_tree.py stamp /all/venv/lib/python3*/site-packages "$VERSION" "$RENDERER_MARK" \
 && python3 -m compileall -q --invalidation-mode unchecked-hash -s /all /all/venv/lib

FROM base AS operator
COPY --from=operator-dependencies /venv /venv
COPY --from=operator-sources /all/venv /venv
COPY operator /app/operator
ENTRYPOINT ["kopf", "run", "--standalone", "--liveness=http://0.0.0.0:8080/healthz", "operator/main.py"]

# The release of etcd that managed stores run; its version is its own.
FROM ${ETCD_IMAGE} AS etcd-release
FROM scratch AS etcd
COPY --from=etcd-release /usr/local/bin/etcd /usr/local/bin/etcdctl /usr/local/bin/etcdutl /usr/local/bin/
ENV PATH=/usr/local/bin
USER 65532:65532
ENTRYPOINT ["etcd"]

# A PostgreSQL or a MariaDB for the end-to-end tests.
FROM ${DATABASES_IMAGE} AS database
USER 0:0
RUN echo 'diego:x:65532:65532::/:/usr/sbin/nologin' >>/etc/passwd && echo 'diego:x:65532:' >>/etc/group
COPY e2e/database/serve /usr/local/bin/serve
USER 65532:65532
ENTRYPOINT ["serve"]
