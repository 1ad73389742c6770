#!/usr/bin/env bash
# Brings the real parts that the tests talk to, from Debian's packages: Chromium for the browser tests, Prometheus and promtool for the metrics, Postgres for the
# store, Redis for what was told already, compose and openssl for docker-compose.yml and its init, curl for the documentation's commands.
# What is there already, or named by its environment variable, is left alone.
set -euo pipefail

missing=()
[ -n "${HEALTHTRACK_CHROMIUM:-}" ] || command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
{ [ -n "${HEALTHTRACK_PROMETHEUS:-}" ] || command -v prometheus >/dev/null; } &&
  { [ -n "${HEALTHTRACK_PROMTOOL:-}" ] || command -v promtool >/dev/null; } || missing+=(prometheus)
# The tests start servers of their own: the one that Debian would make and start at boot is not wanted.
postgres=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null || command -v initdb || true)
[ -n "$postgres" ] || missing+=(postgresql)
command -v redis-server >/dev/null || missing+=(redis-server)
# Either of the two reads docker-compose.yml; neither needs a container engine for that.
docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || missing+=(docker-compose)
command -v curl >/dev/null || missing+=(curl)
command -v openssl >/dev/null || missing+=(openssl)
for package in "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "The tests need ${missing[*]}: install them (on Debian, as root: apt-get install ${missing[*]})" >&2
  echo "or name them: HEALTHTRACK_CHROMIUM, HEALTHTRACK_PROMETHEUS, HEALTHTRACK_PROMTOOL. Postgres: the tests find initdb on the PATH too." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# RUNLEVEL=1: a package that brings a service does not start it.
export RUNLEVEL=1
if [ -z "$postgres" ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
fi
apt-get update -qq
# confold: the file above stays as it was written, and nothing asks about it.
export UCF_FORCE_CONFFOLD=1
apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}" >/dev/null
