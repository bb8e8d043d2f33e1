/** Kinds of names that stand for secrets, each with a reason that a person understands; names are in lower case. */
type SecretKind = readonly [reason: string, pattern: RegExp];

/** Names of files and directories; of a directory, everything below is left out as well. */
const SECRET_NAMES: readonly SecretKind[] = [
  ["key", /key/],
  ["password database", /shadow|passwd(?!-?$)|.passwd|sasldb|passdb|htdigest/],
  ["password", /password|passphrase|pgpass|netrc|\.my\.cnf$|msmtprc|fetchmailrc|^ssmtp\.conf$/],
  ["secret", /secret|credential|smbcred|token|^vault|\.luks$|luks.*header|tsig/],
  ["private directory", /(^|\.)private$/],
  ["certificate that may hold its key", /\.(pem|p8|p12|pfx|der|ppk|jks|ks|gpg|pgp|age|kdbx?)$/],
  ["Kerberos", /keytab|stash|^\.k5\.|^krb5kdc$/],
  [
    "virtual private network",
    /^(wireguard|openvpn|strongswan|swanctl|tinc|nebula|tailscale)|^ipsec\.|\.ovpn$/,
  ],
  ["wireless network", /wpa_supplicant|^hostapd|^iwd$/],
  ["network connection", /^system-connections$/],
  ["account of a database", /^debian\.cnf$|^config-db\.php$|^dbconfig-common$/],
  [
    "account of a directory service",
    /^sssd|^slapd|^nslcd\.conf|^(pam|libnss)[-_]ldap\.conf|^freeradius$|^raddb$/,
  ],
  ["cluster", /^kubeconfig|\.kubeconfig$|^k3s\.yaml$|^authkey/],
  ["management account", /^snmpd?\.conf|^upsd\.users|^upsmon\.conf|^\.(aws|docker|gnupg|ssh)$/],
];

/** Places below /etc whose files have names that say nothing. */
const SECRET_PLACES: readonly SecretKind[] = [
  ["private directory", /\/(ssl|tls|pki|samba)\/private(\/|$)/],
  ["dial-up account", /\/ppp\/peers\//],
  ["account of a storage system", /\/iscsi\/(iscsid\.conf|nodes|send_targets)/],
  ["cluster", /\/kubernetes\/([^/]*\.conf$|pki(\/|$))/],
];

/**
 * Why a file or directory of an old /etc must not be kept; undefined when its name gives no reason. `path` begins with the
 * directory's name: `etc/ssh/ssh_host_rsa_key`. Rather too much than too little: what is lost was going to be lost anyway.
 */
export function secretPathReason(path: string): string | undefined {
  const lowerCase = path.toLowerCase();
  const names = lowerCase.split("/");
  const kind =
    SECRET_NAMES.find(([, pattern]) => names.some((name) => pattern.test(name))) ??
    SECRET_PLACES.find(([, pattern]) => pattern.test(lowerCase));
  return kind?.[0];
}
