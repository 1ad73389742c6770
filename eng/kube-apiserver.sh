#!/usr/bin/env bash
# Prints a folder that holds etcd, kube-apiserver and kubectl for the tests. In this order: KUBEBUILDER_ASSETS, as every controller's tests
# have it; what an earlier run left in the cache (HEALTHTRACK_CACHE, else ~/.cache/healthtrack); else a build from Debian's own source
# package, about five minutes on two cores, once. Nothing is installed on the machine but the tools to build with.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

say() { echo "kube-apiserver: $*" >&2; }
die() { say "$*"; exit 1; }

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  for program in etcd kube-apiserver kubectl; do
    [ -x "$KUBEBUILDER_ASSETS/$program" ] ||
      die "KUBEBUILDER_ASSETS is $KUBEBUILDER_ASSETS, which holds no program $program: correct it, or unset it to have one built"
  done
  echo "$KUBEBUILDER_ASSETS"
  exit
fi

version=1.20.2
cache=${HEALTHTRACK_CACHE:-${HOME:?HOME is not set: name a cache folder in HEALTHTRACK_CACHE}/.cache/healthtrack}
ready=$cache/kube-apiserver-$version
mkdir -p "$cache" || die "the cache folder $cache cannot be made: name another in HEALTHTRACK_CACHE"
exec 9>"$ready.lock"
flock 9 # Two test runs at once build it once.
if [ -d "$ready" ]; then
  echo "$ready"
  exit
fi

get_one="name a folder with etcd, kube-apiserver and kubectl in KUBEBUILDER_ASSETS (setup-envtest downloads one)"
[ "$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")" = bookworm ] || die "the build is for Debian 12: $get_one"
free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1048576) }')
[ "$free" -ge 4 ] || die "the build needs 4 GiB in $cache, $free are free: name another cache folder in HEALTHTRACK_CACHE, or $get_one"

missing=()
for tool in rsync jq make file dpkg-dev:dpkg-source xz-utils:xz patch openssl; do
  command -v "${tool#*:}" >/dev/null || missing+=("${tool%:*}")
done
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" -eq 0 ] || die "the build needs ${missing[*]}: as root, apt-get install ${missing[*]}; or $get_one"
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  { apt-get -o DPkg::Lock::Timeout=300 update -qq &&
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}"; } >&2 9>&- ||
    die "apt-get could not install ${missing[*]}: see above; or $get_one"
fi

work=$(mktemp -d "$cache/building.XXXXXX")
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  chmod -R u+w "$work" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# The machine's own mirror, but lists of our own: source packages are in few machines' lists, and no setting of the machine is changed.
find_mirror() {
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "bookworm" && $3 == "main" && $4 == "Debian" { print $1; exit }'
}
mirror=$(find_mirror)
# The origin stands in the lists, which a new machine has not fetched yet.
if [ -z "$mirror" ] && [ "$(id -u)" -eq 0 ]; then
  apt-get -o DPkg::Lock::Timeout=300 update -qq >&2 9>&- || true
  mirror=$(find_mirror)
fi
[ -n "$mirror" ] || die "apt knows no mirror of Debian 12: add one to /etc/apt/sources.list.d and run apt-get update; or $get_one"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
option=""
[ ! -f "$keys" ] || option="[signed-by=$keys] "
mkdir -p "$work/lists/partial" "$work/debs" "$work/tools"
printf '%s\n' "deb $option$mirror bookworm main" "deb-src $option$mirror bookworm main" >"$work/sources.list"
apt=(apt-get -qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$work/lists" -o APT::Sandbox::User=root)

say "fetching Debian's source package of Kubernetes $version and Go 1.19 from $mirror"
cd "$work/debs"
{ "${apt[@]}" update && "${apt[@]}" source --download-only kubernetes &&
  "${apt[@]}" download golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev etcd-server kubernetes-client; } >&2 ||
  die "$mirror could not be read: see above; or $get_one"
for package in *.deb; do dpkg-deb -x "$package" "$work/tools"; done

source=$work/go/src/k8s.io/kubernetes
mkdir -p "$(dirname "$source")"
dpkg-source --no-check -x ./kubernetes_*.dsc "$source" >"$work/unpack.log" 2>&1 || { cat "$work/unpack.log" >&2; die "the source package could not be unpacked"; }
# The vendored reflect2 1.0.1 reads the runtime's maps in a way that Go 1.18 changed: the first custom resource that is posted crashes the
# server. 1.0.2 does not.
reflect2=$source/vendor/github.com/modern-go/reflect2
rm -f "$reflect2"/*.go "$reflect2"/*.s
cp "$work"/tools/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$reflect2/"
rm -f "$reflect2"/*_test.go

say "building kube-apiserver $version: about five minutes on two cores, only this once"
export GOROOT=$work/tools/usr/lib/go-1.19 GOPATH=$work/go GOCACHE=$work/gocache GOPROXY=off CGO_ENABLED=0
unset GOTOOLDIR GOFLAGS GO111MODULE
export PATH=$GOROOT/bin:$PATH
export KUBE_GIT_VERSION=v$version KUBE_GIT_TREE_STATE=archive KUBE_GIT_COMMIT=x
(cd "$source" && nice -n 10 make WHAT=cmd/kube-apiserver) >"$work/build.log" 2>&1 9>&- ||
  { tail -n 40 "$work/build.log" >&2; die "the build failed: see above; or $get_one"; }

new=$work/new
mkdir "$new"
cp "$source/_output/bin/kube-apiserver" "$work/tools/usr/bin/etcd" "$work/tools/usr/bin/kubectl" "$new/"

# Good only once it has taken a custom resource.
say "trying it"
smoke=$work/smoke
mkdir "$smoke"
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do :; done
  echo "$port"
}
fail_smoke() { tail -n 30 "$smoke"/*.log >&2; die "the server that was built does not work ($1): see above; or $get_one"; }
client=$(free_port) peer=$(free_port) port=$(free_port)
"$new/etcd" --data-dir "$smoke/etcd" --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
  --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
  --initial-cluster "default=http://127.0.0.1:$peer" --unsafe-no-fsync >"$smoke/etcd.log" 2>&1 9>&- &
pids+=($!)
openssl genrsa -out "$smoke/sa.key" 2048 2>/dev/null
echo 'admin-token,admin,admin,system:masters' >"$smoke/tokens.csv"
"$new/kube-apiserver" --etcd-servers="http://127.0.0.1:$client" --secure-port="$port" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 \
  --cert-dir="$smoke/certs" --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file="$smoke/sa.key" \
  --service-account-key-file="$smoke/sa.key" --token-auth-file="$smoke/tokens.csv" --authorization-mode=RBAC \
  --service-cluster-ip-range=10.0.0.0/24 --disable-admission-plugins=ServiceAccount >"$smoke/apiserver.log" 2>&1 9>&- &
pids+=($!)
kubectl() { "$new/kubectl" --kubeconfig=/dev/null --cache-dir="$smoke/cache" --server="https://127.0.0.1:$port" --insecure-skip-tls-verify --token=admin-token "$@"; }
for _ in $(seq 120); do
  kubectl get --raw /readyz >/dev/null 2>&1 && break
  sleep 0.5
done
cat >"$smoke/widget.yaml" <<'YAML'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.smoke.healthtrack.io}
spec:
  group: smoke.healthtrack.io
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
YAML
kubectl apply -f "$smoke/widget.yaml" >"$smoke/kubectl.log" 2>&1 || fail_smoke "no definition"
kubectl wait --for=condition=Established --timeout=30s crd/widgets.smoke.healthtrack.io >>"$smoke/kubectl.log" 2>&1 || fail_smoke "not established"
# The resource is found a moment after the definition is established.
for _ in $(seq 20); do
  echo '{"apiVersion":"smoke.healthtrack.io/v1","kind":"Widget","metadata":{"name":"one","namespace":"default"},"size":1}' |
    kubectl create -f - >>"$smoke/kubectl.log" 2>&1 && made=1 && break
  sleep 0.5
done
[ -n "${made:-}" ] && kubectl get widgets.smoke.healthtrack.io one -o jsonpath='{.size}' 2>>"$smoke/kubectl.log" | grep -qx 1 || fail_smoke "no custom resource"

mv "$new" "$ready"
say "built into $ready"
echo "$ready"
