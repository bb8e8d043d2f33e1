import type { Random } from "./target.ts";

type Mutation = (input: Buffer, random: Random, corpus: readonly Buffer[]) => Buffer;

/** `input` with one to four things wrong with it. */
export function mutate(input: Buffer, random: Random, corpus: readonly Buffer[]): Buffer {
  let mutated: Buffer = Buffer.from(input);
  for (let count = 1 + random.below(4); count > 0; count--)
    mutated = random.pick(MUTATIONS)(mutated, random, corpus);
  return mutated;
}

const flipBits: Mutation = (input, random) => {
  if (input.length === 0) return input;
  const at = random.below(input.length);
  input[at] = (input[at] ?? 0) ^ (1 << random.below(8));
  return input;
};

const replaceByte: Mutation = (input, random) => {
  if (input.length > 0) input[random.below(input.length)] = random.below(256);
  return input;
};

const insertBytes: Mutation = (input, random) => {
  const at = random.below(input.length + 1);
  const added = Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
  return Buffer.concat([input.subarray(0, at), added, input.subarray(at)]);
};

const removeBytes: Mutation = (input, random) => {
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), input.subarray(at + 1 + random.below(8))]);
};

const truncate: Mutation = (input, random) => input.subarray(0, random.below(input.length + 1));

const repeatPart: Mutation = (input, random) => {
  const start = random.below(input.length + 1);
  const end = Math.min(input.length, start + random.below(64));
  return Buffer.concat([input.subarray(0, end), input.subarray(start)]);
};

const splice: Mutation = (input, random, corpus) => {
  const other = random.pick(corpus);
  const tail = other.subarray(random.below(other.length + 1));
  return Buffer.concat([input.subarray(0, random.below(input.length + 1)), tail]);
};

/** Announces something huge, or something just too long. */
const lengthBomb: Mutation = (input, random) => {
  const bombs = ["f8ffffffffffffffff", "f87fffffffffffffff", "fcffffffff", "fd0fffff", "fe7fff", "7f"];
  const at = random.below(input.length + 1);
  return Buffer.concat([
    input.subarray(0, at),
    Buffer.from(random.pick(bombs), "hex"),
    input.subarray(at + 1),
  ]);
};

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  flipBits,
  replaceByte,
  replaceByte,
  insertBytes,
  removeBytes,
  truncate,
  repeatPart,
  splice,
  lengthBomb,
];
