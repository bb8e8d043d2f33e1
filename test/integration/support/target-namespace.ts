import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PresentInterface } from "../../../src/network/target/plan.ts";
import { NETWORK_TOOLS } from "./network-tools.ts";

const run = promisify(execFile);

/** A link as `ip -json -details address` tells it, as far as the tests look. */
export interface SeenLink {
  readonly ifname: string;
  readonly address: string;
  readonly master?: string;
  readonly flags: readonly string[];
  readonly addr_info: readonly {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
  }[];
  readonly linkinfo?: { readonly info_kind: string; readonly info_data?: { readonly stp_state?: number } };
}

export interface NamespaceResult {
  readonly log: string;
  readonly links: readonly SeenLink[];
  /** As `ip route` prints it. */
  readonly routes: string;
}

/**
 * The script runs in namespaces of its own for network and mounts: the software sees a machine with the given interfaces
 * and configuration, without udev (a /sys that cannot be written stands for a container), and ends with the script. It
 * gets ten seconds until each of the awaited texts is in its log or in what ip(8) prints.
 */
const SCRIPT = `
set -eu
directory=$1 target=$2 tools=$3
mount --make-rprivate /
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
ip link set lo up
while read -r name mac; do
  ip link add "$name" address "$mac" type veth peer name "cable-$name"
  ip link set "cable-$name" up
done <"$directory/interfaces"
children=()
: >"$directory/log"
trap 'kill "\${children[@]}"; wait "\${children[@]}" || true' EXIT
START
for ((turn = 0; turn < 100; turn++)); do
  missing=0
  { cat "$directory/log"; ip -oneline link; ip -oneline address; ip route; } >"$directory/seen"
  while read -r line; do grep -qaF -- "$line" "$directory/seen" || missing=1; done <"$directory/awaited"
  ((missing)) || break
  sleep 0.1
done
ip -json -details address >"$directory/links"
ip route >"$directory/routes"
`;

/** How each software is started, with the files below `$target` in place of the machine's own. */
const START = {
  networkd: `
mkdir -p /etc/systemd/network /run/systemd/netif
chown systemd-network: /run/systemd/netif
mount --bind "$target/etc/systemd/network" /etc/systemd/network
SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console /lib/systemd/systemd-networkd >>"$directory/log" 2>&1 &
children+=($!)
`,
  networkmanager: `
mkdir -p /run/dbus /run/NetworkManager /var/lib/NetworkManager
cat >/run/bus.conf <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
END
dbus-daemon --config-file=/run/bus.conf --nofork >"$directory/bus-log" 2>&1 &
children+=($!)
until [[ -S /run/dbus/system_bus_socket ]]; do sleep 0.1; done
cat >/run/test.conf <<END
[main]
plugins=keyfile
dns=none
auth-polkit=false
[keyfile]
path=$target/etc/NetworkManager/system-connections
END
LD_LIBRARY_PATH=$tools/usr/lib/x86_64-linux-gnu:$tools/lib/x86_64-linux-gnu \
  "$tools/usr/sbin/NetworkManager" --debug --config /run/test.conf \
  --config-dir "$target/etc/NetworkManager/conf.d" --system-config-dir /run/none \
  --state-file /run/NetworkManager/state >>"$directory/log" 2>&1 &
children+=($!)
`,
} as const;

/** Lets the real software configure a machine by the files below a directory, and tells what came of it. */
export async function runInNamespace(
  software: keyof typeof START,
  targetDirectory: string,
  interfaces: readonly PresentInterface[],
  awaited: readonly string[],
): Promise<NamespaceResult> {
  const directory = await mkdtemp(join(tmpdir(), `${software}-`));
  try {
    const lines = interfaces.map(({ name, macAddress }) => `${name} ${macAddress}\n`);
    await writeFile(join(directory, "interfaces"), lines.join(""));
    await writeFile(join(directory, "awaited"), awaited.map((line) => `${line}\n`).join(""));
    const script = SCRIPT.replace("START", START[software]);
    const words = ["bash", "-c", script, software, directory, targetDirectory, NETWORK_TOOLS];
    await run("unshare", ["--net", "--mount", ...words]);
    const read = (name: string): Promise<string> => readFile(join(directory, name), "utf8");
    return {
      log: await read("log"),
      links: JSON.parse(await read("links")) as SeenLink[],
      routes: await read("routes"),
    };
  } finally {
    if (!process.env["KEEP"]) await rm(directory, { recursive: true });
  }
}

/** The name that udev would give each of the links (an interface, or a bridge) by the `.link` files of a directory. */
export async function findUdevNames(
  configurationDirectory: string,
  links: readonly { readonly name: string; readonly type: "veth" | "bridge"; readonly macAddress: string }[],
): Promise<Readonly<Record<string, string>>> {
  const script = `
set -eu
mount --make-rprivate /
mount -t sysfs sysfs /sys
mkdir -p /etc/systemd/network
mount --bind "$1" /etc/systemd/network
shift
while (($# > 0)); do
  ip link add "$1" address "$3" type "$2"
  echo "$1 $(udevadm test-builtin net_setup_link "/sys/class/net/$1" 2>/dev/null | sed -n s/^ID_NET_NAME=//p)"
  shift 3
done`;
  const words = links.flatMap(({ name, type, macAddress }) => [name, type, macAddress]);
  const args = ["--net", "--mount", "bash", "-c", script, "udev", configurationDirectory, ...words];
  const { stdout } = await run("unshare", args);
  return Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
}
