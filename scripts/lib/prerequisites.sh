# Sourced by the scripts beside this folder: makes a bare Debian 12 with Node 20, npm and root fit for the task.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export ROOT

# Every Debian package that any script or test needs, by the reason for which it is needed.
PACKAGES_BUILD=(binutils libatomic1 git)
PACKAGES_INITRAMFS=(busybox-static cpio kmod zstd)
PACKAGES_IMAGE=(debian-archive-keyring debootstrap)
PACKAGES_LAB=(dnsmasq-base fdisk iproute2 ipxe-qemu mount qemu-system-x86)
PACKAGES_TESTS=(
  dosfstools e2fsprogs nftables openssl parted tar xz-utils
  "${PACKAGES_BUILD[@]}" "${PACKAGES_INITRAMFS[@]}" "${PACKAGES_IMAGE[@]}" "${PACKAGES_LAB[@]}"
)

# Installs those of the given packages that are missing; talks to the mirror only when there are any.
need_packages() {
  local name missing=()
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
  done
  ((${#missing[@]} == 0)) && return
  if ((EUID != 0)); then
    echo "these Debian packages are missing; install them or run as root: ${missing[*]}" >&2
    return 1
  fi
  echo "installing: ${missing[*]}" >&2
  apt-get -q update >&2
  DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${missing[@]}" >&2
}

# Installs the npm packages when they are absent or older than the lock file, and puts their Node first on PATH.
need_node_modules() {
  if [[ ! -f $ROOT/node_modules/.package-lock.json ||
    $ROOT/package-lock.json -nt $ROOT/node_modules/.package-lock.json ]]; then
    (cd "$ROOT" && npm ci --no-audit --no-fund) >&2
    touch "$ROOT/node_modules/.package-lock.json"
  fi
  PATH=$ROOT/node_modules/.bin:$PATH
}
