/** A name for the installer's environment, and what was said on the way. */
export interface HostnameChoice {
  /** Undefined: leave the name as it is. */
  readonly name: string | undefined;
  /** Log lines about rejected candidates and the choice. */
  readonly notes: readonly string[];
}

const HOST_NAME = /^[a-z0-9-]{1,63}$/;

/**
 * Option 12 of the lease, else `hostname=` of the kernel command line, else the name in its `ip=`; lower-cased, cut at the first dot
 * (spec/configuration.md 6.6; the original refuses names with dots).
 */
export function chooseHostname(
  dhcpName: string | undefined,
  kernelParameter: string | undefined,
  ipArgument?: string,
): HostnameChoice {
  const notes: string[] = [];
  const candidates: readonly (readonly [string, string | undefined, string])[] = [
    ["DHCP HostName option", dhcpName, "DHCP HostName option"],
    ["hostname= from kernel cmdline", kernelParameter, "hostname= kernel cmdline"],
    ["host name in ip= from kernel cmdline", ipArgument, "ip= kernel cmdline"],
  ];
  for (const [rejected, text, origin] of candidates) {
    if (text === undefined) continue;
    const name = text.toLowerCase().split(".")[0] ?? "";
    if (HOST_NAME.test(name)) {
      notes.push(`set hostname=${JSON.stringify(name)} from ${origin}`);
      return { name, notes };
    }
    notes.push(`ignoring invalid ${rejected}: ${escape(text)}`);
  }
  return { name: undefined, notes };
}

/** Text from the network, without the control characters that could write a log line of their own. */
function escape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
