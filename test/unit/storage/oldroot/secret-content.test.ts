import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { secretContentReason } from "../../../../src/storage/oldroot/secret-content.ts";

test.each<[string, string | Buffer]>([
  ["a PEM key", "text before\n-----BEGIN RSA PRIVATE KEY-----\nMII"],
  ["a PKCS 8 key", "-----BEGIN PRIVATE KEY-----\nMII"],
  ["an OpenSSH key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3B"],
  ["an SSH 1 key", "SSH PRIVATE KEY FILE FORMAT 1.1\n"],
  ["a PGP key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"],
  ["a PuTTY key", "PuTTY-User-Key-File-2: ssh-rsa\n"],
  ["an age key", "# created: 2024\nAGE-SECRET-KEY-1QQ"],
  ["an OpenVPN key", "<tls-auth>\n-----BEGIN OpenVPN Static key V1-----\n"],
  ["a SHA-512 password hash", "root:$6$salt$hash:19000:0:99999:7:::\n"],
  ["a yescrypt password hash", "root:$y$j9T$abc$def:19000::::::\n"],
  ["an Apache password hash", "admin:$apr1$abc$def\n"],
  ["a classic password hash in passwd", "root:ab0123456789.:0:0:root:/root:/bin/sh\n"],
  ["a GRUB password", "password_pbkdf2 root grub.pbkdf2.sha512.10000.AB.CD\n"],
  ["an LDAP password", "rootpw {SSHA}abcdef\n"],
  ["a password assignment", "[client]\nuser=root\npassword = hunter2\n"],
  ["a quoted password in YAML", 'wifis:\n  access-points:\n    home:\n      password: "hunter2"\n'],
  ["a JSON token", '{\n  "apiToken": "abc"\n}\n'],
  ["a bind password", "bindpw=abc\n"],
  ["a wireless key in interfaces(5)", "iface wlan0 inet dhcp\n    wpa-psk abcdefgh\n"],
  ["a LUKS header", Buffer.from("LUKS\xba\xbe\0\x02", "latin1")],
  ["a Kerberos key table", Buffer.from([5, 2, 0, 0])],
  ["a Java key store", Buffer.from([0xfe, 0xed, 0xfe, 0xed, 0, 0])],
  ["a compressed file", gzipSync("anything")],
])("%s is left out whatever its name", (_name, content) => {
  expect(secretContentReason(Buffer.from(content as string))).toMatch(/^(holds|is) /);
});

test.each([
  ["an empty file", ""],
  ["fstab", "LABEL=rootfs / ext4 defaults 0 1\n"],
  ["passwd", "root:x:0:0:root:/root:/bin/bash\ndaemon:*:1:1::/:/usr/sbin/nologin\n"],
  ["nsswitch.conf", "passwd: files systemd\nshadow: files\n"],
  ["pam.d", "password\t[success=1 default=ignore]\tpam_unix.so obscure\n"],
  ["sshd_config", "PasswordAuthentication no\nPubkeyAuthentication yes\n"],
  ["a certificate", "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"],
  ["a commented password", "# password = hunter2\n; password=\n"],
  ["an empty password", "password =\nuser = x\n"],
  ["login.defs", "PASS_MAX_DAYS 99999\nENCRYPT_METHOD SHA512\n"],
  ["a shell script with prices", "echo costs $5 or $6\n"],
])("%s is kept", (_name, content) => {
  expect(secretContentReason(Buffer.from(content))).toBeUndefined();
});
