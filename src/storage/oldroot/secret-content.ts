/** Kinds of content that a file is left out for, each with a reason that a person understands. */
const SECRET_TEXTS: readonly (readonly [reason: string, pattern: RegExp])[] = [
  [
    "holds a private key",
    /PRIVATE KEY(?: BLOCK)?-----|SSH PRIVATE KEY FILE FORMAT|PuTTY-User-Key-File-|AGE-SECRET-KEY-|BEGIN OpenVPN Static key/,
  ],
  // crypt(5): in the second field of a line, or anywhere else as `$id$`; the classic form has thirteen characters.
  [
    "holds password hashes",
    /^[^:\n]*:(?:[./0-9A-Za-z]{13}:|_[./0-9A-Za-z]{19}:)|\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|md5|apr1|argon2\w{1,2})\$[^\s$]/m,
  ],
  ["holds password hashes", /grub\.pbkdf2\.|\{S?(?:SHA|MD5|CRYPT)\d{0,3}\}\S/],
  [
    "holds a password",
    /^[ \t]*["']?[\w.-]{0,64}(?:password|passphrase|secret|token|bindpw|authtok|(?:wpa[-_])?psk)["']?[ \t]*[:=][ \t]*["']?[^\s"'#]/im,
  ],
  ["holds a password", /^[ \t]*(?:wpa-)?(?:psk|passphrase)[ \t]+\S/im],
];

/** First bytes of stores of keys, and of compressed files, which may hold anything. */
const SECRET_MAGICS: readonly (readonly [reason: string, magic: Buffer])[] = [
  ["is a LUKS header", Buffer.from("LUKS\xba\xbe", "latin1")],
  ["is a Kerberos key table", Buffer.from([0x05, 0x02])],
  ["is a Java key store", Buffer.from([0xfe, 0xed, 0xfe, 0xed])],
  ["is a Java key store", Buffer.from([0xce, 0xce, 0xce, 0xce])],
  ["is compressed", Buffer.from([0x1f, 0x8b])],
  ["is compressed", Buffer.from("BZh")],
  ["is compressed", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])],
  ["is compressed", Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ["is compressed", Buffer.from("PK\x03\x04", "latin1")],
  ["is compressed", Buffer.from("7z\xbc\xaf", "latin1")],
];

/** Why a file with this content must not be kept, whatever its name; undefined when nothing in it gives a reason. */
export function secretContentReason(content: Buffer): string | undefined {
  const magic = SECRET_MAGICS.find(([, bytes]) => content.subarray(0, bytes.byteLength).equals(bytes));
  if (magic !== undefined) return magic[0];
  const text = content.toString("latin1");
  return SECRET_TEXTS.find(([, pattern]) => pattern.test(text))?.[0];
}
