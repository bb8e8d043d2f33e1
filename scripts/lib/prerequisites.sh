# Sourced by the scripts beside this folder: makes a bare Debian 12 with Node 20, npm and root fit for the task.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export ROOT

# Every Debian package that any script or test needs, by the reason for which it is needed.
PACKAGES_BUILD=(binutils libatomic1 git)
PACKAGES_INITRAMFS=(busybox-static cpio kmod zstd)
PACKAGES_IMAGE=(debian-archive-keyring debootstrap)
PACKAGES_LAB=(dnsmasq-base fdisk iproute2 ipxe-qemu mount qemu-system-x86)
# What it takes to make the DHCP and TFTP servers of the network tests.
PACKAGES_LAB_SERVERS=(bzip2 debian-archive-keyring gcc libc6-dev make)
# What reads the new system's network configuration, and the libraries of what is only unpacked, not installed: a test
# machine must not get another network configuration itself.
PACKAGES_NETWORK=(dbus-daemon iproute2 libglib2.0-0 libgnutls30 systemd udev)
PACKAGES_NETWORK_UNPACKED=(ifupdown libndp0 libnetplan0 libnm0 libreadline8 libyaml-0-2 netplan.io network-manager)
# Machines with EFI firmware; what carried the drives before an installation: RAID and LVM.
PACKAGES_VM=(lvm2 mdadm ovmf)
# A browser for the status page, with letters.
PACKAGES_BROWSER=(chromium fonts-dejavu-core)
# The tools of other people that say what was made on a drive, and that make what has to be recognised.
PACKAGES_STORAGE=(btrfs-progs cryptsetup-bin dmsetup dosfstools e2fsprogs fdisk util-linux xfsprogs)
PACKAGES_TESTS=(
  "${PACKAGES_STORAGE[@]}" "${PACKAGES_VM[@]}" "${PACKAGES_BROWSER[@]}"
  nftables openssl parted tar xz-utils
  "${PACKAGES_BUILD[@]}" "${PACKAGES_INITRAMFS[@]}" "${PACKAGES_IMAGE[@]}" "${PACKAGES_LAB[@]}"
  "${PACKAGES_LAB_SERVERS[@]}" "${PACKAGES_NETWORK[@]}"
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
