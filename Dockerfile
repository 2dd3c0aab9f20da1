# The application alone. The database comes beside it: see docker-compose.yml.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 make build VERSION="$VERSION"

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin foyer \
 && install -d -o foyer -g foyer -m 0700 /data
COPY --from=build /src/bin/foyer /usr/local/bin/foyer
COPY LICENSE /usr/share/doc/foyer/LICENSE
ENV FOYER_DATA_DIR=/data
VOLUME /data
USER foyer
WORKDIR /data
EXPOSE 8080
# Does the server answer, whatever the page? bash speaks TCP itself, so the image needs no client.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET / HTTP/1.0\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n' >&3 && IFS= read -r line <&3 && [[ $line == HTTP/*\\ [234]* ]]"]
ENTRYPOINT ["foyer"]
CMD ["serve"]
