#!/bin/sh
# Builds the image with the engine that is there (docker or buildah), runs it read-only as its own user over the
# simulation, and checks its size. NODE_IMAGE names another base image, such as one that was made without a registry.
set -eu
cd "$(dirname "$0")/.."
image=elements-graph:check
max_megabytes=300
set -- ${NODE_IMAGE:+--build-arg "NODE_IMAGE=$NODE_IMAGE"}

fail() {
 shellcheck disable=SC2086echo "check-image: $1" >&2
 shellcheck disable=SC2086exit 1
}

# Waits until the gateway that listens on the port is ready, and asks it something.
ask() {
 shellcheck disable=SC2086tries=0
 shellcheck disable=SC2086until curl -fsS "http://127.0.0.1:$1/health/ready" >/dev/null 2>&1; do
 shellcheck disable=SC2086  tries=$((tries + 1))
 shellcheck disable=SC2086  [ "$tries" -lt 120 ] || fail 'the gateway was not ready within a minute'
 shellcheck disable=SC2086  sleep 0.5
 shellcheck disable=SC2086done
 shellcheck disable=SC2086curl -fsS "http://127.0.0.1:$1/graphql" -H 'content-type: application/json' \
 shellcheck disable=SC2086  -d '{"query":"{ customers { totalCount } }"}' | grep -q '"totalCount":[1-9]' || fail 'the gateway answers no query'
}

if docker info >/dev/null 2>&1; then
 shellcheck disable=SC2086docker build "$@" -t "$image" .
 shellcheck disable=SC2086bytes=$(docker image inspect -f '{{.Size}}' "$image")
 shellcheck disable=SC2086[ "$(docker image inspect -f '{{.Config.User}}' "$image")" = 1000:1000 ] || fail 'it runs as another user than 1000'
 shellcheck disable=SC2086container=$(docker run -d --read-only --cap-drop ALL -e UPSTREAM=simulation -p 127.0.0.1::4000 "$image")
 shellcheck disable=SC2086trap 'docker rm -f "$container" >/dev/null' EXIT
 shellcheck disable=SC2086ask "$(docker port "$container" 4000 | sed 's/.*://')"
 shellcheck disable=SC2086docker stop -t 30 "$container" >/dev/null
 shellcheck disable=SC2086[ "$(docker inspect -f '{{.State.ExitCode}}' "$container")" = 0 ] || fail 'SIGTERM does not end it with code 0'
elif command -v buildah >/dev/null; then
 shellcheck disable=SC2086export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
 shellcheck disable=SC2086# shellcheck disable=SC2086
 shellcheck disable=SC2086buildah bud --format docker --layers=false ${BUILDAH_VOLUMES:-} "$@" -t "$image" .
 shellcheck disable=SC2086bytes=$(buildah inspect --type image -f '{{.Docker.Size}}' "$image")
 shellcheck disable=SC2086[ "${bytes:-0}" -gt 0 ] || bytes=$(($(buildah images --json "$image" | sed -n 's/.*"size": "\([0-9.]*\) MB".*/\1/p' | cut -d. -f1) * 1000000))
 shellcheck disable=SC2086container=$(buildah from --pull-never "$image")
 shellcheck disable=SC2086port=$((20000 + $$ % 20000))
 shellcheck disable=SC2086buildah run --env UPSTREAM=simulation --env HOST=127.0.0.1 --env "PORT=$port" "$container" -- \
 shellcheck disable=SC2086  sh -c 'echo $$ >/tmp/pid 2>/dev/null; [ "$(id -u)" = 1000 ] && exec node --max-semi-space-size=24 dist/main.js' &
 shellcheck disable=SC2086run=$!
 shellcheck disable=SC2086trap 'kill "$run" 2>/dev/null || true; buildah rm "$container" >/dev/null' EXIT
 shellcheck disable=SC2086ask "$port"
 shellcheck disable=SC2086kill -TERM "$(cat "$(buildah mount "$container")/tmp/pid")"
 shellcheck disable=SC2086wait "$run" || fail 'SIGTERM does not end it with code 0'
else
 shellcheck disable=SC2086fail 'there is neither a docker daemon nor buildah'
fi

[ "$bytes" -lt $((max_megabytes * 1000000)) ] || fail "it has $bytes bytes: more than $max_megabytes MB"
echo "check-image: $((bytes / 1000000)) MB, runs as user 1000, and ends with code 0"
