#!/bin/sh
# Builds the image with the engine that is there (docker or buildah), runs it as its own user (by docker read-only) over the
# simulation, and checks its size. NODE_IMAGE names another base image, such as one that was made without a registry.
set -eu
cd "$(dirname "$0")/.."
image=elements-graph:check
max_megabytes=300
set -- ${NODE_IMAGE:+--build-arg "NODE_IMAGE=$NODE_IMAGE"}

fail() {
  echo "check-image: $1" >&2
  exit 1
}

# Waits until the gateway that listens on the port is ready, and sends it a query.
ask() {
  tries=0
  until curl -fsS "http://127.0.0.1:$1/health/ready" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || fail 'the gateway was not ready within a minute'
    sleep 0.5
  done
  curl -fsS "http://127.0.0.1:$1/graphql" -H 'content-type: application/json' \
    -d '{"query":"{ customers { totalCount } }"}' | grep -q '"totalCount":[1-9]' || fail 'the gateway answers no query'
}

if docker info >/dev/null 2>&1; then
  docker build "$@" -t "$image" .
  bytes=$(docker image inspect -f '{{.Size}}' "$image")
  [ "$(docker image inspect -f '{{.Config.User}}' "$image")" = 1000:1000 ] || fail 'it runs as another user than 1000'
  container=$(docker run -d --read-only --cap-drop ALL -e SIMULATOR=on -p 127.0.0.1::4000 "$image")
  trap 'docker rm -f "$container" >/dev/null' EXIT
  ask "$(docker port "$container" 4000 | sed 's/.*://')"
  docker stop -t 30 "$container" >/dev/null
  [ "$(docker inspect -f '{{.State.ExitCode}}' "$container")" = 0 ] || fail 'SIGTERM does not end it with code 0'
  # Also before Node.js has started.
  early=$(docker run -d --read-only --cap-drop ALL -e SIMULATOR=on "$image")
  trap 'docker rm -f "$container" "$early" >/dev/null' EXIT
  docker stop -t 30 "$early" >/dev/null
  code=$(docker inspect -f '{{.State.ExitCode}}' "$early")
  [ "$code" = 0 ] || [ "$code" = 143 ] || fail "SIGTERM at once does not end it, but code $code"
elif command -v buildah >/dev/null; then
  export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
  # Volumes for the build, each with its -v, such as a registry's settings.
  # shellcheck disable=SC2086
  buildah bud --format docker --layers=false ${BUILDAH_VOLUMES:-} "$@" -t "$image" .
  bytes=$(buildah inspect --type image -f '{{.Docker.Size}}' "$image")
  [ "${bytes:-0}" -gt 0 ] || bytes=$(($(buildah images --json "$image" | sed -n 's/.*"size": "\([0-9.]*\) MB".*/\1/p' | cut -d. -f1) * 1000000))
  container=$(buildah from --pull-never "$image")
  port=$((20000 + $$ % 20000))
  buildah run --env SIMULATOR=on --env HOST=127.0.0.1 --env "PORT=$port" "$container" -- \
    sh -c 'echo $$ >/tmp/pid 2>/dev/null; [ "$(id -u)" = 1000 ] && exec ./entrypoint.sh node --max-semi-space-size=24 dist/main.js' &
  run=$!
  trap 'kill "$run" 2>/dev/null || true; buildah rm "$container" >/dev/null' EXIT
  ask "$port"
  kill -TERM "$(cat "$(buildah mount "$container")/tmp/pid")"
  wait "$run" || fail 'SIGTERM does not end it with code 0'
else
  fail 'there is neither a docker daemon nor buildah'
fi

[ "$bytes" -lt $((max_megabytes * 1000000)) ] || fail "it has $bytes bytes: more than $max_megabytes MB"
echo "check-image: $((bytes / 1000000)) MB, runs as user 1000, and ends with code 0"
