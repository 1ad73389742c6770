#!/bin/sh
# Makes, once, what the services of docker-compose.yml must know and nobody else: tokens, passwords, the certificate of the link to the workers.
# Every service has a folder of its own in the first argument, a volume that is shown to that service alone; what is there stays as it is.
# Then the folders of monitors and secrets, where they are given: the group of HealthTrack's user may use them. Their owner stays their owner.
set -eu
umask 022
made=$1 monitors=${2:-} secrets=${3:-}
group=1654

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# keep FILE TEXT: a file that appears whole, or not at all.
keep() {
  [ -s "$1" ] && return
  printf '%s\n' "$2" > "$1.new"
  mv "$1.new" "$1"
}

keep "$made/postgres/password" "$(random)"
keep "$made/operator/pgpass" "postgres:5432:healthtrack:healthtrack:$(cat "$made/postgres/password")"
keep "$made/grafana/password" "$(random)"
keep "$made/operator/api-token" "$(random)"
keep "$made/operator/link-token" "$(random)"
keep "$made/probe/link-token" "$(cat "$made/operator/link-token")"
# A token of the user's own choice is taken whenever it changes; the operator reads it again.
if [ -n "${HEALTHTRACK_API_TOKEN:-}" ] && [ "$(cat "$made/operator/api-token")" != "$HEALTHTRACK_API_TOKEN" ]; then
  printf '%s\n' "$HEALTHTRACK_API_TOKEN" > "$made/operator/api-token"
fi
if [ ! -s "$made/operator/link.crt" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=operator -addext subjectAltName=DNS:operator \
    -keyout "$made/operator/link.key" -out "$made/operator/link.new" 2> /dev/null
  chmod 0644 "$made/operator/link.key"
  mv "$made/operator/link.new" "$made/operator/link.crt"
fi
cmp -s "$made/operator/link.crt" "$made/probe/link-ca.crt" || cp "$made/operator/link.crt" "$made/probe/link-ca.crt"

# Not on every file system, and not for every engine: what follows is said, and the rest works without.
if [ -n "$monitors" ]; then
  { chgrp -R "$group" "$monitors" && chmod -R g+rX "$monitors" && chmod g+ws "$monitors"; } 2> /dev/null ||
    echo "The folder of monitors could not be opened for group $group: manifests that it cannot read are left out, and POST /services is refused."
fi
if [ -n "$secrets" ]; then
  { chgrp -R "$group" "$secrets" && chmod -R g+rX "$secrets"; } 2> /dev/null ||
    echo "The folder of secrets could not be opened for group $group: secrets that it cannot read are missing."
fi
echo "Everything that the services must know is there."
