import path from "node:path";
import protobuf from "protobufjs";
import { ROOT } from "./paths.ts";

/** A .proto file and what is made of it. */
export interface ProtoFile {
  /** In the checkout. */
  readonly source: string;
  /** Its name for users of reflection, as its publisher has it. */
  readonly publicName: string;
  /** Name of the generated module; absent: the messages are those of another file. */
  readonly module?: string;
}

export const PROTO_FILES: readonly ProtoFile[] = [
  {
    source: "src/rpc/installer.proto",
    publicName: "installer/v1/installer.proto",
    module: "installer",
  },
  {
    source: "src/rpc/grpc/protos/health.proto",
    publicName: "grpc/health/v1/health.proto",
    module: "health",
  },
  {
    source: "src/rpc/grpc/protos/reflection.proto",
    publicName: "grpc/reflection/v1/reflection.proto",
    module: "reflection",
  },
  {
    source: "src/rpc/grpc/protos/reflection-v1alpha.proto",
    publicName: "grpc/reflection/v1alpha/reflection.proto",
  },
];

/** The declarations of one file, with their comments. */
export function parseProto(file: ProtoFile): protobuf.Root {
  const root = new protobuf.Root();
  root.loadSync(path.join(ROOT, file.source), { alternateCommentMode: true });
  root.resolveAll();
  return root;
}

/** The package that a file declares. */
export function packageOf(root: protobuf.Root): protobuf.NamespaceBase {
  let scope: protobuf.NamespaceBase = root;
  for (;;) {
    const [only, ...others] = scope.nestedArray;
    if (others.length > 0 || !isPackage(only)) return scope;
    scope = only;
  }
}

function isPackage(object: protobuf.ReflectionObject | undefined): object is protobuf.Namespace {
  return object instanceof protobuf.Namespace && object.constructor === protobuf.Namespace;
}

/** All messages and enums of a package, each with the name it gets in TypeScript: nested ones after their parents. */
export function declarationsOf(
  scope: protobuf.NamespaceBase,
  prefix = "",
): readonly { readonly name: string; readonly type: protobuf.Type | protobuf.Enum }[] {
  return scope.nestedArray.flatMap((type) => {
    const name = `${prefix}${type.name}`;
    if (type instanceof protobuf.Enum) return [{ name, type }];
    return type instanceof protobuf.Type ? [{ name, type }, ...declarationsOf(type, name)] : [];
  });
}
