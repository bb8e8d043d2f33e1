/** What stands in place of a secret. */
export const REDACTED = "[secret]";

/** Names of members, flags, parameters and headers whose values are secrets, or might be. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)?(?![a-z])|psk|pwd|secret|token|credential|authori[sz]ation|bearer|cookie|private|random.?seed|luks|tsig|(?:^|[^a-z])key(?![a-z])|(?:api|crypt|disk|auth|access|signing|encryption|session|host|ssh|shared|master|wep|wpa|client|server|rndc)[-_ .]?key/i;

/** Whether what is called so is to be kept back. */
export function isSecretName(name: string): boolean {
  // `diskKey` and `disk_key` are two words each.
  return SECRET_NAME.test(name.slice(0, 256).replace(/([a-z0-9])([A-Z])/g, "$1 $2"));
}

/**
 * Each pattern looks at a bounded stretch of text only, since logs are written by strangers. The first group stays, what
 * follows it goes.
 */
const SECRETS: readonly RegExp[] = [
  // A private key, whole, or as much of it as there is.
  /(-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----)[^-]{0,20000}(?:-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?/g,
  // User and password in a URL.
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^/\s"'<>@]{1,256}@/gi,
  // Hashes of passwords, crypt(5).
  /()\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|md5|apr1|argon2\w{1,2})\$[^\s:"',]{8,512}/g,
  /(\bgrub\.pbkdf2\.)\S{1,1024}/g,
  // A scheme of HTTP authentication and what it shows.
  /(\b(?:bearer|basic|digest|negotiate)\s{1,4})[\w.~+/=-]{8,4096}/gi,
  /(\bAGE-SECRET-KEY-)\S{1,128}/g,
];

/** `name=value`, `name: value`, `--name value`, `"name": "value"`; the name decides. */
const ASSIGNMENT =
  /(?<![\w.]|\w-)(["']?[A-Za-z][\w.-]{0,63}["']?)(\s{0,4}[:=]\s{0,4})("(?:[^"\\\n]|\\.){0,4096}"?|'[^'\n]{0,4096}'?|[^\s"',;&]{1,4096})/g;
const OPTION =
  /(?<![\w.-])(--?([A-Za-z][\w.-]{0,63})\s{1,4})("[^"\n]{0,4096}"|'[^'\n]{0,4096}'|[^\s"'-][^\s"']{0,4095})/g;

/**
 * `text` without what looks like a secret in it, by its name or by its form. `found` learns each value that was taken out
 * for its name.
 */
export function redactText(text: string, found: (secret: string) => void = () => undefined): string {
  const byForm = SECRETS.reduce((kept, pattern) => kept.replace(pattern, `$1${REDACTED}`), text);
  const taken = (head: string, value: string): string => {
    if (value !== REDACTED) found(unquoted(value));
    return `${head}${REDACTED}`;
  };
  return byForm
    .replace(ASSIGNMENT, (whole: string, name: string, sign: string, value: string) =>
      isSecretName(name) ? taken(`${name}${sign}`, value) : whole,
    )
    .replace(OPTION, (whole: string, head: string, name: string, value: string) =>
      isSecretName(name) ? taken(head, value) : whole,
    );
}

function unquoted(value: string): string {
  return value.replace(/^(["'])(.*)\1$/s, "$2");
}
