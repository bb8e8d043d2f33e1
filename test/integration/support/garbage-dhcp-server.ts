import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";

/**
 * Answers each DHCP message with everything that is no usable answer to it, written byte by byte: noise, cut and
 * oversize packets, wrong cookies, wrong transactions, lying lengths, and offers that lack what an offer has to have.
 */
const OFFER = 2;
const COOKIE = Buffer.of(0x63, 0x82, 0x53, 0x63);
const SERVER = Buffer.of(10, 55, 0, 66);
const END = 255;

/** An answer to `request` with the given options; `change` spoils it. */
function answer(
  request: Buffer,
  options: readonly number[],
  change: (head: Buffer) => void = () => undefined,
): Buffer {
  const head = Buffer.alloc(236);
  head.set([2, 1, 6, 0]);
  request.copy(head, 4, 4, 8);
  head.set([0x80, 0], 10);
  head.set([10, 55, 0, 99], 16);
  head.set(SERVER, 20);
  request.copy(head, 28, 28, 44);
  change(head);
  return Buffer.concat([head, COOKIE, Buffer.from(options)]);
}

const TYPE = [53, 1, OFFER];
const IDENTIFIER = [54, 4, ...SERVER];
const ROUTER = [3, 4, ...SERVER];
const WHOLE = [...TYPE, ...IDENTIFIER, ...ROUTER, END];

function answersTo(request: Buffer): readonly Buffer[] {
  const good = answer(request, WHOLE);
  return [
    Buffer.alloc(0),
    Buffer.of(2),
    randomBytes(300),
    randomBytes(1400),
    good.subarray(0, 100),
    good.subarray(0, 238),
    Buffer.concat([good.subarray(0, 236), randomBytes(4), good.subarray(240)]),
    answer(request, WHOLE, (head) => head.fill(0xff, 4, 8)),
    answer(request, WHOLE, (head) => head.fill(0xee, 28, 34)),
    answer(request, WHOLE, (head) => head.set([1])),
    answer(request, WHOLE, (head) => head.set([200], 2)),
    answer(request, [...TYPE, ...IDENTIFIER, 3, 200, 1]),
    answer(request, [...TYPE, ...IDENTIFIER, 3]),
    answer(request, [...TYPE, ...IDENTIFIER, END]),
    answer(request, [...TYPE, ...ROUTER, END]),
    answer(request, [...TYPE, 54, 3, 1, 2, 3, ...ROUTER, END]),
    answer(request, [...TYPE, ...IDENTIFIER, 3, 3, 1, 2, 3, END]),
    answer(request, [...TYPE, ...IDENTIFIER, ...ROUTER, 6, 5, 1, 2, 3, 4, 5, END]),
    answer(request, [53, 1, 77, ...IDENTIFIER, ...ROUTER, END]),
    answer(request, [53, 0, ...IDENTIFIER, ...ROUTER, END]),
    answer(request, WHOLE, (head) => head.fill(0, 16, 20)),
    // Compression pointers that point at themselves, routes that end in their middle, an overload without areas.
    answer(request, [...TYPE, ...IDENTIFIER, 119, 2, 0xc0, 0, 121, 3, 24, 10, 55, 52, 1, 3, END]),
    answer(request, [53, 1, 6, ...IDENTIFIER, END]),
  ];
}

const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.on("message", (request) => {
  for (const packet of answersTo(request)) socket.send(packet, 68, "255.255.255.255");
});
socket.bind(67, () => {
  socket.setBroadcast(true);
  console.log("ready");
});
