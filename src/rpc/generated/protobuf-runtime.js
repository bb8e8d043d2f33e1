// Made by `npm run proto`; do not edit.
// 64-bit integers as numbers: ours are sizes, counts and milliseconds, which stay below 2^53.
import $protobuf from "protobufjs/minimal.js";

$protobuf.util.Long = null;
$protobuf.configure();

export default $protobuf;
