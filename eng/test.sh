#!/usr/bin/env bash
# Builds everything and runs every test, real parts included. Ends with the line "N passed, N failed" and fails if a test failed, was skipped
# or did not run.
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
eng/install-test-tools.sh
# A real API server for the operator's tests; the first run on a machine builds it.
KUBEBUILDER_ASSETS=$(eng/kube-apiserver.sh)
export KUBEBUILDER_ASSETS
# A real helm for the chart's tests.
HEALTHTRACK_HELM=$(eng/helm.sh)
export HEALTHTRACK_HELM
dotnet build HealthTrack.slnx -c Release -nodeReuse:false

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
# One project at a time: the browser and the timing of two cores are shared by nobody.
dotnet test --solution HealthTrack.slnx -c Release --no-build --no-ansi --max-parallel-test-modules 1 "$@" 2>&1 | tee "$log" || status=$?

count() { sed -nE "s/^ +$1: ([0-9]+).*/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
if [ -z "$passed" ]; then
  echo "No test ran." >&2
  exit 1
fi
[ "${skipped:-0}" -eq 0 ] || { echo "$skipped tests were skipped: every test must run." >&2; status=1; }
# What failed, once more: between it and the end stands all that the programs under test wrote.
awk '/^failed / { shown = 1; print; next } !/^  / { shown = 0 } shown' "$log"
echo "$passed passed, ${failed:-0} failed"
exit "$status"
