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
exec dotnet bench/bin/Release/net10.0/HealthTrack.Bench.dll "$@"
