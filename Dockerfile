# syntax=docker/dockerfile:1
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json client/
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY bundle bundle
COPY client client
COPY examples/queries examples/queries
COPY graphiql graphiql
COPY mcp mcp
COPY schema schema
COPY src src
RUN npm run build

FROM ${NODE_IMAGE} AS gateway
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
COPY --from=build /app/dist dist
COPY --from=build /app/schema schema
COPY --from=build /app/mcp mcp
COPY --from=build /app/package.json package.json
COPY deploy/entrypoint.sh entrypoint.sh
# By number, so that an engine can see that it is not root.
USER 1000:1000
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((it) => process.exit(it.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["node", "--max-semi-space-size=24", "dist/main.js"]
