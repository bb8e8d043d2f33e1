import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

/**
 * A TFTP server on 0.0.0.0:69 that misbehaves in the way that its argument says, or else the requested name. Written
 * apart from the client's own codec, byte by byte.
 */
type Behaviour = (transfer: Socket, peer: RemoteInfo) => void;

const BLOCK = 512;
const CONTENT = Buffer.from("the real content");

function data(block: number, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0, 3, (block >> 8) & 0xff, block & 0xff), payload]);
}

function optionAcknowledgement(...words: readonly string[]): Buffer {
  return Buffer.concat([Buffer.of(0, 6), Buffer.from(words.map((word) => `${word}\0`).join(""))]);
}

function error(code: number, text: string): Buffer {
  return Buffer.concat([Buffer.of(0, 5, 0, code), Buffer.from(`${text}\0`)]);
}

function onAcknowledgement(transfer: Socket, act: (block: number, peer: RemoteInfo) => void): void {
  transfer.on("message", (packet, peer) => {
    if (packet[1] === 4) act(packet.readUInt16BE(2), peer);
  });
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  "another-port": (transfer, peer) => {
    const stranger = createSocket("udp4");
    transfer.send(data(1, Buffer.alloc(BLOCK, "a")), peer.port, peer.address);
    onAcknowledgement(transfer, (block) => {
      if (block !== 1) return;
      stranger.send(error(1, "not yours to say"), peer.port, peer.address);
      stranger.send(data(2, Buffer.from("forged")), peer.port, peer.address);
      setTimeout(() => transfer.send(data(2, CONTENT), peer.port, peer.address), 200);
    });
  },
  "wrong-opcode": (transfer, peer) => transfer.send(Buffer.of(0, 9, 1, 2, 3), peer.port, peer.address),
  "short-packet": (transfer, peer) => transfer.send(Buffer.of(0), peer.port, peer.address),
  "oversize-tsize": (transfer, peer) =>
    transfer.send(optionAcknowledgement("tsize", "9999999999"), peer.port, peer.address),
  "wrong-tsize": (transfer, peer) => {
    transfer.send(optionAcknowledgement("tsize", "17"), peer.port, peer.address);
    onAcknowledgement(transfer, () => transfer.send(data(1, CONTENT), peer.port, peer.address));
  },
  "huge-block-size": (transfer, peer) =>
    transfer.send(optionAcknowledgement("blksize", "65464"), peer.port, peer.address),
  "unasked-option": (transfer, peer) =>
    transfer.send(optionAcknowledgement("multicast", "224.0.0.1,1758,1"), peer.port, peer.address),
  "endless-data": (transfer, peer) => {
    transfer.send(data(1, Buffer.alloc(BLOCK)), peer.port, peer.address);
    onAcknowledgement(transfer, (block) =>
      transfer.send(data(block + 1, Buffer.alloc(BLOCK)), peer.port, peer.address),
    );
  },
  "endless-window": (transfer, peer) => {
    const [blockBytes, windowBlocks] = [1428, 16];
    transfer.send(
      optionAcknowledgement("blksize", String(blockBytes), "windowsize", String(windowBlocks)),
      peer.port,
      peer.address,
    );
    onAcknowledgement(transfer, (block) => {
      for (let ahead = 1; ahead <= windowBlocks; ahead++)
        transfer.send(data(block + ahead, Buffer.alloc(blockBytes)), peer.port, peer.address);
    });
  },
  "endless-repeats": (transfer, peer) => {
    const timer = setInterval(
      () => transfer.send(data(1, Buffer.alloc(BLOCK)), peer.port, peer.address),
      100,
    );
    timer.unref();
  },
  silence: () => undefined,
  "code-0-not-found": (transfer, peer) =>
    transfer.send(error(0, "No such file\nor directory"), peer.port, peer.address),
  "access-denied": (transfer, peer) => transfer.send(error(2, "Access violation"), peer.port, peer.address),
  "disk-error": (transfer, peer) => transfer.send(error(3, "disk trouble"), peer.port, peer.address),
  "no-options": (transfer, peer) => transfer.send(data(1, CONTENT), peer.port, peer.address),
};

const server = createSocket("udp4");
server.on("message", (request, peer) => {
  const [name = "", , option] = request.subarray(2).toString("latin1").split("\0");
  const transfer = createSocket("udp4");
  if (name === "refuses-options") {
    transfer.send(option === "" ? data(1, CONTENT) : error(8, "no options"), peer.port, peer.address);
    return;
  }
  BEHAVIOURS[process.argv[2] ?? name]?.(transfer, peer);
});
server.bind(69, () => console.log("ready"));
