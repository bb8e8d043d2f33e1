const LOAD_BYTE = 0x30;
const LOAD_HALF_WORD = 0x28;
const LOAD_HALF_WORD_INDEXED = 0x48;
/** X = 4 * (byte & 15): the length of an IPv4 header. */
const LOAD_HEADER_LENGTH = 0xb1;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_SET = 0x45;
const RETURN = 0x06;

const PROTOCOL_UDP = 17;
const WHOLE_PACKET = 0xffff;

/** Operation, jump when true, jump when false, operand. */
type Instruction = readonly [number, number, number, number];

/**
 * Classic BPF (kernel doc networking/filter.rst) for a packet socket without link headers: lets IPv4 UDP packets to
 * `port` through, and of fragments only the first. Eight bytes an instruction.
 */
export function udpPortFilter(port: number): Buffer {
  const instructions: readonly Instruction[] = [
    [LOAD_BYTE, 0, 0, 9],
    [JUMP_IF_EQUAL, 0, 6, PROTOCOL_UDP],
    [LOAD_HALF_WORD, 0, 0, 6],
    [JUMP_IF_SET, 4, 0, 0x1fff],
    [LOAD_HEADER_LENGTH, 0, 0, 0],
    [LOAD_HALF_WORD_INDEXED, 0, 0, 2],
    [JUMP_IF_EQUAL, 0, 1, port],
    [RETURN, 0, 0, WHOLE_PACKET],
    [RETURN, 0, 0, 0],
  ];
  const program = Buffer.alloc(instructions.length * 8);
  for (const [index, [operation, whenTrue, whenFalse, operand]] of instructions.entries()) {
    program.writeUInt16LE(operation, index * 8);
    program.writeUInt8(whenTrue, index * 8 + 2);
    program.writeUInt8(whenFalse, index * 8 + 3);
    program.writeUInt32LE(operand, index * 8 + 4);
  }
  return program;
}
