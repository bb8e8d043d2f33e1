import type { Hash } from "node:crypto";
import type { ExpectedPart, HashingFailure, HashingReply, HashingRequest } from "./hashing-messages.ts";

/**
 * The body of a hashing worker. It is handed to the worker as source text, because a single executable has no files
 * that a worker could load: it must use nothing from outside itself. (For the same reason the bundle must not be made
 * with esbuild's `keepNames`, which puts calls of an outside function into it.)
 */
export function hashingWorkerMain(): void {
  const { createHash, hash: hashAtOnce } = process.getBuiltinModule("node:crypto");
  const fs = process.getBuiltinModule("node:fs");
  const port = process.getBuiltinModule("node:worker_threads").parentPort;
  const pieceBytes = 1024 * 1024;
  const openHashes = new Map<number, { readonly hash: Hash; sizeBytes: number }>();

  const flatten = (error: unknown): HashingFailure => {
    const { message, code, errno, syscall, path } = error as NodeJS.ErrnoException;
    return { message, code, errno, syscall, path };
  };

  const hashFile = async (path: string | Uint8Array): Promise<Omit<HashingReply, "id">> => {
    const fd = fs.openSync(path instanceof Uint8Array ? Buffer.from(path) : path, "r");
    try {
      const hash = createHash("sha512");
      const piece = Buffer.allocUnsafeSlow(pieceBytes);
      for (let sizeBytes = 0; ; ) {
        const bytesRead = fs.readSync(fd, piece, 0, pieceBytes, null);
        if (bytesRead === 0) return { digest: hash.digest("hex"), sizeBytes };
        hash.update(piece.subarray(0, bytesRead));
        sizeBytes += bytesRead;
        // Between two pieces the writers that share this worker get their turn.
        if (bytesRead === pieceBytes) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      fs.closeSync(fd);
    }
  };
  const writeAll = (fd: number, bytes: Uint8Array): void => {
    for (let written = 0; written < bytes.byteLength; ) written += fs.writeSync(fd, bytes, written);
  };
  const write = (fd: number, chunk: Uint8Array): Omit<HashingReply, "id"> => {
    const state = openHashes.get(fd) ?? { hash: createHash("sha512"), sizeBytes: 0 };
    openHashes.set(fd, state);
    state.hash.update(chunk);
    writeAll(fd, chunk);
    state.sizeBytes += chunk.byteLength;
    return {};
  };
  const finish = (fd: number): Omit<HashingReply, "id"> => {
    const state = openHashes.get(fd) ?? { hash: createHash("sha512"), sizeBytes: 0 };
    openHashes.delete(fd);
    return { digest: state.hash.digest("hex"), sizeBytes: state.sizeBytes };
  };
  const createFile = (path: string, content: Uint8Array): void => {
    const fd = fs.openSync(path, "wx", 0o600);
    try {
      writeAll(fd, content);
    } catch (error) {
      fs.unlinkSync(path);
      throw error;
    } finally {
      fs.closeSync(fd);
    }
  };
  const createExpected = (parts: readonly ExpectedPart[], content: Uint8Array): Omit<HashingReply, "id"> => {
    let offset = 0;
    const outcomes = parts.map(({ path, digest: expected, sizeBytes }) => {
      const part = content.subarray(offset, offset + sizeBytes);
      offset += sizeBytes;
      try {
        const digest = hashAtOnce("sha512", part, "hex");
        if (digest === expected) createFile(path, part);
        return digest;
      } catch (error) {
        return flatten(error);
      }
    });
    return { outcomes };
  };
  const answer = async (request: HashingRequest): Promise<Omit<HashingReply, "id">> => {
    switch (request.kind) {
      case "hash-file":
        return hashFile(request.path);
      case "write":
        return write(request.fd, request.chunk);
      case "finish":
        return finish(request.fd);
      case "create-expected":
        return createExpected(request.files, request.content);
      case "forget":
        openHashes.delete(request.fd);
        return {};
    }
  };
  port?.on("message", (request: HashingRequest) => {
    answer(request).then(
      (reply) => port.postMessage({ id: request.id, ...reply }),
      (error: unknown) => port.postMessage({ id: request.id, error: flatten(error) }),
    );
  });
}
