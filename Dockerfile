# One image an app, by APP: intake, validation, rollout, monitoring, gateway, or distributed (which provisions). What it runs is
# its command: docker build --build-arg APP=intake -t kwanus-intake . && docker run … kwanus-intake dist/intake.js
FROM node:22.17.0-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-fund --no-audit && npm run build

FROM build AS packed
ARG APP
RUN node deploy/pack.mjs "$APP" /packed

FROM node:22.17.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packed /packed ./
USER node
ENTRYPOINT ["node"]
