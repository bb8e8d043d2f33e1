// Runs inside a network namespace: forwards a UNIX socket, which any namespace can reach, to a TCP address in this one.
// Usage: node relay.ts SOCKET HOST PORT
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";

const [socketPath, host, port] = process.argv.slice(2);

createServer((client) => {
  const upstream = connect(Number(port), host);
  // An error on either side ends both; the client sees a closed connection, as it would without a relay.
  pipeline(client, upstream, () => upstream.destroy());
  pipeline(upstream, client, () => client.destroy());
}).listen(socketPath, () => process.stdout.write("listening\n"));
