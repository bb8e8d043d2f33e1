/** What the generated code offers for each message type. */
export interface MessageType<T> {
  encode(message: T): { finish(): Uint8Array };
  /** Throws what the protobuf library throws when the bytes are no such message. */
  decode(bytes: Uint8Array): T;
}
