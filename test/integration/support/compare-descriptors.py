"""Prints how two files differ, each an encoded FileDescriptorProto (or FileDescriptorSet of one); nothing when not.

Usage: compare-descriptors.py PROTO PROTO_IN_SET. Names of the files and their options do not count.
"""

import difflib
import sys

from google.protobuf import descriptor_pb2, text_format


def read(path):
    with open(path, "rb") as file:
        return file.read()


ours = descriptor_pb2.FileDescriptorProto.FromString(read(sys.argv[1]))
(theirs,) = descriptor_pb2.FileDescriptorSet.FromString(read(sys.argv[2])).file
for file in (ours, theirs):
    file.ClearField("name")
    file.ClearField("options")
sides = [text_format.MessageToString(file).splitlines() for file in (ours, theirs)]
print("\n".join(difflib.unified_diff(*sides, "ours", "protoc", lineterm="")))
