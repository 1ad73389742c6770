#!/bin/sh
# Publishes what the images hold, a folder a program: eng/publish.sh OUT ARCH [PROJECT ...]. ARCH is amd64 or arm64; all programs where none is
# named. Compiled ahead of time (ReadyToRun): a program starts in a third of the time, which a health check every few seconds pays for otherwise.
set -eu
cd "$(dirname "$0")/.."
out=$1 arch=$2
shift 2
[ $# -gt 0 ] || set -- Operator Probe Dashboard Standalone

for project; do
  folder=$(echo "$project" | tr '[:upper:]' '[:lower:]')
  dotnet publish "src/$project" -c Release -a "$arch" --no-self-contained -p:PublishReadyToRun=true -p:PublishDocumentationFiles=false \
    -o "$out/$folder" -nodeReuse:false -v quiet --nologo
done
