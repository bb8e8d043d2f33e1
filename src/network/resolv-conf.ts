export interface ResolverSettings {
  readonly domainName?: string;
  readonly nameServers: readonly string[];
}

/** A resolv.conf, for the installer itself as for the new system (spec/network.md section 5). */
export function renderResolvConf({ domainName = "", nameServers }: ResolverSettings): string {
  const domain = domainName === "" ? [] : [`domain ${domainName}`, `search ${domainName}`, ""];
  const servers = nameServers.map((address) => `nameserver ${address}`);
  return `${["; /etc/resolv.conf -- created by SmallStack installer", "", ...domain, ...servers].join("\n")}\n`;
}

/** Whether a domain name from outside can stand in a resolv.conf: printable, no line breaks. Several names are usual. */
export function isDomainNameText(text: string): boolean {
  return /^[!-~]+( +[!-~]+)*$/.test(text) && text.length <= 1024;
}
