import { createServer } from "dhcp";

/** The server of the npm package `dhcp`: it broadcasts all its answers, and leaves sname and file empty. */
const server = createServer({
  range: ["10.55.0.100", "10.55.0.110"],
  static: {},
  randomIP: false,
  netmask: "255.255.255.0",
  router: ["10.55.0.1"],
  dns: ["10.55.0.53"],
  server: "10.55.0.1",
  domainName: "lab.example.com",
  leaseTime: 3600,
  broadcast: "255.255.255.255",
});
// Each option that we ask for and it does not know is an error to it, as is each packet that it cannot read.
server.on("error", (detail) => console.log(String(detail)));
server.on("listening", () => console.log("ready"));
server.listen();
