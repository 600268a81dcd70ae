# The HTTP server with one registered model version inside. `node scripts/build-image.mjs serve --model compact@1` builds
# it; docs/how-to/run-in-a-container.md says how to run it. The target `server` is the same without a model, for a
# registry mounted at /opt/veracity/models.
ARG BASE_IMAGE=node:22-bookworm-slim@sha256:83f487e0a63425e5b4d146fb5e5be574bcbe1b7b843d3ebafdd95eaf7767a7e5

# The build replaces this stage by the registry: --build-context models=.veracity/models. It is empty, so that the build
# fails without a registry.
FROM scratch AS models

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

FROM build AS model
ARG MODEL_NAME=compact
ARG MODEL_VERSION
ARG MODEL_DIGEST
COPY --from=models ${MODEL_NAME}/${MODEL_VERSION} /opt/veracity/models/${MODEL_NAME}/${MODEL_VERSION}
RUN node deploy/docker/verify-model.mjs /opt/veracity/models \
 && node dist/cli.js ci secrets /opt/veracity/models \
 && chmod -R a+rX /opt/veracity

FROM ${BASE_IMAGE} AS server
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/package.json /app/LICENSE /app/
COPY --from=build /app/configs /app/configs
COPY --from=build /app/sample /app/sample
COPY --from=build /app/dist /app/dist
COPY --from=build /app/deploy/docker/check-health.mjs /app/deploy/docker/check-health.mjs
RUN ln -s /app/dist/cli.js /usr/local/bin/veracity && mkdir -p /data /opt/veracity/models && chown 1000:1000 /data
# Files that the server writes (keys, receipts, feedback) are in /data; files that it only reads are outside.
ENV NODE_ENV=production \
    VERACITY_HOME=/data \
    VERACITY_MODELS=/opt/veracity/models \
    VERACITY_HOST=0.0.0.0 \
    VERACITY_PORT=8000
WORKDIR /data
USER 1000:1000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "/app/deploy/docker/check-health.mjs"]
# node itself is process 1 and has handlers for SIGTERM and SIGINT: it finishes the requests in progress, then exits.
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve"]

FROM server
ARG MODEL_NAME=compact
ARG MODEL_VERSION
ARG MODEL_DIGEST
ARG REVISION
LABEL org.opencontainers.image.revision="${REVISION}" \
      veracity.model="${MODEL_NAME}@${MODEL_VERSION}" \
      veracity.model.digest="${MODEL_DIGEST}"
COPY --from=model /opt/veracity/models /opt/veracity/models
# The build fails unless the image can predict here: as its user, with its own libraries and its model.
RUN ["node", "/app/dist/cli.js", "predict", "--title", "Ferry times", "--text", "The harbour office moved the last ferry to nine."]
