/** What a decoder accepts from a sender that it does not trust. */
export interface GobLimits {
  /** Payload of one message. */
  readonly messageBytes: number;
  /** All messages of one value together. */
  readonly valueBytes: number;
  /** Structs, slices, maps and interfaces inside each other. */
  readonly depth: number;
  /** Type definitions in one stream. */
  readonly types: number;
  readonly fieldsPerStruct: number;
  /** Elements of all slices, arrays and maps of one value together; one byte can announce an element of many. */
  readonly elements: number;
  readonly interfaceNameBytes: number;
}

/** Room for an image of about a million files. */
export const DEFAULT_GOB_LIMITS: GobLimits = {
  messageBytes: 256 * 1024 * 1024,
  valueBytes: 256 * 1024 * 1024,
  depth: 500,
  types: 1000,
  fieldsPerStruct: 1000,
  elements: 4 * 1024 * 1024,
  interfaceNameBytes: 1024,
};
