#!/usr/bin/env bash
# Runs one bench: builds it, then prints a table and, as the last line, one JSON object.
#   bench/run.sh NAME [--quick]   --quick stays under a minute, the build not counted
#   bench/run.sh micro [ARGS]     the BenchmarkDotNet micro benchmarks; ARGS are BenchmarkDotNet's
#   bench/run.sh                  says which there are
set -euo pipefail
cd "$(dirname "$0")/.."

if ! log=$(dotnet build bench/HealthTrack.Bench.csproj --configuration Release --nologo --verbosity quiet 2>&1); then
  printf '%s\n' "$log" >&2
  exit 1
fi
# The programs that benches start are those of the images.
case ${1-} in
  probe-http | sched-lag | cold-start | rss-10k | stall-isolation) programs=Standalone ;;
  converge-1000 | status-writes) programs=Operator ;;
  failover) programs='Operator Probe' ;;
  *) programs= ;;
esac
if [ -n "$programs" ] && ! log=$(sh eng/publish.sh bench/bin/programs "$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')" $programs 2>&1); then
  printf '%s\n' "$log" >&2
  exit 1
fi
exec dotnet bench/bin/Release/net10.0/HealthTrack.Bench.dll "$@"
