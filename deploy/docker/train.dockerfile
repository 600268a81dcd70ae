# The whole program, for training, evaluating and registering. A container runs one command, by default `train`.
# `node scripts/build-image.mjs train` builds it; docs/how-to/run-in-a-container.md says how to run it. Its first stages
# are those of serve.dockerfile, word by word, so that both share them in a builder's cache.
ARG BASE_IMAGE=node:22-bookworm-slim@sha256:83f487e0a63425e5b4d146fb5e5be574bcbe1b7b843d3ebafdd95eaf7767a7e5

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No install scripts: the packages contain their binaries, and one script would download CUDA. The .npmrc of a private registry is a secret.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# A file with what looks like a key or a password stops the build.
RUN node scripts/build.mjs \
 && node dist/cli.js ci secrets \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && node deploy/docker/prune-packages.mjs \
 && chmod -R a+rX .

FROM ${BASE_IMAGE}
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/package.json /app/LICENSE /app/
COPY --from=build /app/configs /app/configs
COPY --from=build /app/sample /app/sample
COPY --from=build /app/dist /app/dist
RUN ln -s /app/dist/cli.js /usr/local/bin/veracity && mkdir -p /data && chown 1000:1000 /data
# Datasets, runs, checkpoints and the registry are in /data; relative paths of data start there.
ENV NODE_ENV=production \
    VERACITY_HOME=/data
WORKDIR /data
USER 1000:1000
VOLUME /data
# A training serves no requests, so there is no health check; its progress and exit code show its state.
HEALTHCHECK NONE
ARG REVISION
LABEL org.opencontainers.image.revision="${REVISION}"
# node itself is process 1 and has handlers for SIGTERM and SIGINT: it writes a checkpoint, then exits.
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["train"]
