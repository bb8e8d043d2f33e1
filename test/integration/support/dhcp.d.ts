/** What is used of the npm package `dhcp`, which has no types of its own. */
declare module "dhcp" {
  export interface DhcpServer {
    on(event: "listening" | "error", listener: (detail: unknown) => void): void;
    listen(): void;
  }

  export function createServer(settings: Readonly<Record<string, unknown>>): DhcpServer;
}
