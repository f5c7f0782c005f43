# The playcast image: one binary with the programs that its games need. It brings
# no database: give it an event store and a PostgreSQL, see docker-compose.yml.

FROM node:22-bookworm-slim AS page
WORKDIR /src/gateway/web
COPY gateway/web/package.json gateway/web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY gateway/openapi.yaml ../openapi.yaml
COPY gateway/web ./
RUN npm run build

FROM golang:1.26-bookworm AS binary
ARG X264=1
RUN apt-get update \
 && apt-get install -y --no-install-recommends libopus-dev $([ "$X264" = 0 ] || echo libavcodec-dev libx264-dev)
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=page /src/gateway/web/dist gateway/web/dist
RUN streamer/gamepad/preload/build.sh streamer/gamepad/dist/pads.so
RUN go build $([ "$X264" != 0 ] || echo -tags nox264,nolibav) -trimpath -o /playcast .

FROM debian:12-slim
ARG X264=1
# Those of the catalog that are small; for all of them add neverball, supertux
# and extremetuxracer (0.4 GB). What is not installed is shown as not available.
ARG GAMES="blobby chromium-bsu openttd openttd-opengfx openttd-opensfx pingus"
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      bubblewrap ca-certificates chocolate-doom freedoom libopus0 libstdc++6 pulseaudio slirp4netns xvfb \
      $([ "$X264" = 0 ] || echo libavcodec59 libx264-164) libgl1-mesa-dri $GAMES \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --home-dir /var/lib/playcast playcast \
 # Only root may create it, and without it an X server has no socket.
 && install -d -m 1777 /tmp/.X11-unix
COPY --from=binary /playcast /usr/local/bin/playcast
USER playcast
WORKDIR /var/lib/playcast
VOLUME /var/lib/playcast
ENTRYPOINT ["playcast"]
CMD ["up", "--data", "/var/lib/playcast"]
