# One image for the four services and the command line:
#   docker run glitchwatch gateway serve
# See docs/deploy.md.

# Both stages need the same Node major and C library: the compiled modules move from one to the other.
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# A base with the compiler in it (node:22-bookworm) needs no package server here.
# hadolint ignore=DL3008
RUN command -v g++ make python3 >/dev/null \
    || { apt-get update \
    && apt-get install -y --no-install-recommends g++ make python3 \
    && rm -rf /var/lib/apt/lists/*; }
COPY . .
# No install scripts of dependencies: the one compiled module is built by install-native.
RUN npm ci --ignore-scripts --no-audit --no-fund
RUN node scripts/install-native.mjs && node scripts/build.mjs
# What only the build needed: development packages, sources, object files, other platforms' binaries.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
    && arch="$(node -p process.arch)" \
    && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d ! -path "*/linux/${arch}" -exec rm -rf {} + \
    && find node_modules/hnswlib-node/build -type f ! -name '*.node' -delete \
    && rm -rf packages/*/src services/*/src apps/*/src proto/glitchwatch scripts \
    && find . -name '*.tsbuildinfo' -delete

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Glitchwatch" \
      org.opencontainers.image.description="Live morphology of gravitational-wave detector glitches" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
# Root owns the program, the service user only /data: nothing it runs can be rewritten by it.
COPY --from=build /app /app
RUN ln -s /app/apps/cli/bin/glitchwatch.js /usr/local/bin/glitchwatch \
    && install -d -o 10001 -g 10001 /data
ENV NODE_ENV=production \
    GLITCHWATCH_DATA_DIR=/data \
    GLITCHWATCH_EXPLORER_DIR=/app/apps/explorer/dist
USER 10001:10001
VOLUME /data
# Gateway HTTP and gRPC, ingest HTTP and gRPC, health and metrics.
EXPOSE 8080 50051 8081 50052 9464
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.GLITCHWATCH_OPS_PORT ?? 9464}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/apps/cli/bin/glitchwatch.js"]
CMD ["--help"]
