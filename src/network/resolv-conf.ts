export interface ResolverSettings {
  readonly domainName?: string;
  readonly nameServers: readonly string[];
  /** Searched in place of the domain name. */
  readonly searchDomains?: readonly string[];
}

/** A resolv.conf, for the installer itself as for the new system (spec/network.md section 5). */
export function renderResolvConf({
  domainName = "",
  nameServers,
  searchDomains = [],
}: ResolverSettings): string {
  const search = searchDomains.length > 0 ? searchDomains.join(" ") : domainName;
  // The last of `domain` and `search` counts (resolv.conf(5)).
  const names = [domainName === "" ? "" : `domain ${domainName}`, search === "" ? "" : `search ${search}`];
  const domain = search === "" ? [] : [...names.filter((line) => line !== ""), ""];
  const servers = nameServers.map((address) => `nameserver ${address}`);
  return `${["; /etc/resolv.conf -- created by SmallStack installer", "", ...domain, ...servers].join("\n")}\n`;
}

/** Whether a domain name from outside can stand in a resolv.conf: printable, no line breaks. Several names are usual. */
export function isDomainNameText(text: string): boolean {
  return /^[!-~]+( +[!-~]+)*$/.test(text) && text.length <= 1024;
}
