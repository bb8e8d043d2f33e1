import type { ErrorCodeTable } from "./entry.ts";

/** Connections, TLS, SRPC and gob. */
export const RPC_ERRORS = {
  E_CONNECTION_REFUSED: {
    kind: "network",
    meaning: "Nothing listens on that port of the server.",
    hint: "check that the server is running and that address and port are right",
  },
  E_CONNECTION_LOST: {
    kind: "network",
    meaning: "A connection ended before the conversation was over.",
    hint: "the server may have restarted, or the network dropped the connection; look at the server's log",
  },
  E_CONNECTION_TIMEOUT: {
    kind: "network",
    meaning: "The peer did not answer within the time limit.",
    hint: "check cable, VLAN, routes and firewalls between this machine and the server",
  },
  E_HOST_UNREACHABLE: {
    kind: "network",
    meaning: "There is no route to the server.",
    hint: "check this machine's address, netmask and default gateway",
  },
  E_HOST_UNKNOWN: {
    kind: "network",
    meaning: "The server's name could not be resolved.",
    hint: "check the name and the DNS servers of this machine, or use an IP address",
  },
  E_PORT_UNAVAILABLE: {
    kind: "environment",
    meaning: "A TCP port could not be opened for listening.",
    hint: "another program may already listen there",
  },
  E_SRPC_HEAD: {
    kind: "protocol",
    meaning: "The head of a request or of a response is malformed or too long.",
    hint: "the peer does not speak this protocol; check the port number",
  },
  E_SRPC_PROTOCOL: {
    kind: "protocol",
    meaning: "The server answered something that does not belong to the protocol.",
    hint: "check that the address is that of an image server (port 6971)",
  },
  E_SRPC_NO_ENDPOINT: {
    kind: "protocol",
    meaning: "The server does not offer the protocol at that port.",
    hint: "check that the address is that of an image server (port 6971)",
  },
  E_SRPC_ACCESS_DENIED: {
    kind: "environment",
    meaning: "The server does not let us call a method.",
    hint: "the certificate needs that method in its list of permitted methods, or a user name for public methods",
  },
  E_SRPC_CALL_FAILED: {
    kind: "protocol",
    meaning: "The server refused a call or reported that it failed.",
    hint: "the server's own words are in the message; its log may say more",
  },
  E_TLS_CERTIFICATE_MISSING: {
    kind: "environment",
    meaning: "A certificate is needed and there is none.",
    hint: "put a certificate and its key where -certFile and -keyFile say (default /etc/ssl/installer)",
  },
  E_TLS_CERTIFICATE_INVALID: {
    kind: "environment",
    meaning: "A certificate, key or CA file cannot be used.",
    hint: "the message names the file and the reason",
  },
  E_TLS_CERTIFICATE_REFUSED: {
    kind: "environment",
    meaning: "The peer does not accept a certificate.",
    hint: "check that it was issued under a CA that the server trusts and that it has not expired (and the clock)",
  },
  E_TLS_HANDSHAKE: {
    kind: "network",
    meaning: "The peers could not agree on an encrypted connection.",
    hint: "TLS 1.2 or newer is required on both sides",
  },
  E_CERTIFICATE_MALFORMED: {
    kind: "protocol",
    meaning: "A certificate, or the list of methods or groups in it, does not decode.",
    hint: "make the certificate again",
  },
  E_SHELL_UNAVAILABLE: {
    kind: "environment",
    meaning: "No remote shell can be opened: none is configured, or as many as are allowed are open.",
    hint: "set -shellCommand, or end a shell that nobody uses any more",
  },
  E_SHELL_CUT_OFF: {
    kind: "network",
    meaning: "A remote shell was ended because its client did not read what it was sent.",
    hint: "check the network to that client, or connect again",
  },
  E_EVENT_REFUSED: {
    kind: "protocol",
    meaning: "The server that -eventUrl names does not take an event.",
    hint: "check the URL, and what that server allows this machine's certificate; its log may say more",
  },
  E_STREAM_ENDED: {
    kind: "network",
    meaning: "The other side closed a connection in the middle of something.",
    hint: "look at the log of the other side; the network may have failed",
  },
  E_LINE_TOO_LONG: {
    kind: "protocol",
    meaning: "A line of a protocol is longer than any valid one.",
    hint: "check that the address and port belong to the expected service",
  },
  E_GOB_CORRUPT: {
    kind: "protocol",
    meaning: "A gob message (the encoding of SRPC messages) is malformed.",
    hint: "check that the other side is the expected service, in a compatible version",
  },
  E_GOB_TYPE: {
    kind: "protocol",
    meaning:
      "A gob value has another type than the message that was expected, or a number is too large for it.",
    hint: "the two sides disagree about the message; check their versions",
  },
  E_GOB_LIMIT: {
    kind: "protocol",
    meaning: "A gob message is larger or more deeply nested than the limits allow.",
    hint: "the limits leave room for any sensible image; check what the other side sends",
  },
  E_JSON_MESSAGE: {
    kind: "protocol",
    meaning: "A JSON message of an RPC is malformed, above the limits, or not the message that was expected.",
    hint: "each message is one JSON object that ends with its line; its members are those of the method's request",
  },
  E_GOB_EOF: {
    kind: "network",
    meaning: "A gob stream ended inside a message or a value.",
    hint: "look at the log of the other side; the connection may have been lost",
  },
} as const satisfies ErrorCodeTable;
