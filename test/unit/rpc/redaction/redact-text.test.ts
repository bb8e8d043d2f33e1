import { describe, expect, test } from "vitest";
import { isSecretName, redactText } from "../../../../src/rpc/redaction/redact-text.ts";

describe("isSecretName", () => {
  test.for([
    "password",
    "rootPassword",
    "Passwd",
    "passphrase",
    "key",
    "Key",
    "diskKey",
    "disk_key",
    "crypt.key",
    "apikey",
    "keyFile",
    "SSH_KEY",
    "wifi-psk",
    "token",
    "accessToken",
    "clientSecret",
    "Authorization",
    "random-seed",
    "credentials",
  ])("%s is", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  test.for(["keyboard", "monkey", "hostname", "MachineType", "author", "seedling", "turnkeyish", "device"])(
    "%s is not",
    (name) => {
      expect(isSecretName(name)).toBe(false);
    },
  );
});

describe("redactText", () => {
  test.for([
    ["PASSWORD=hunter2 next", "PASSWORD=[secret] next"],
    ["password: hunter2", "password: [secret]"],
    ['a "passphrase": "hunt\\"er2", "x": 1', 'a "passphrase": [secret], "x": 1'],
    ["--api-token hunter2 -x", "--api-token [secret] -x"],
    ["-token=hunter2 -x", "-token=[secret] -x"],
    ["http://user:hunter2@host/x", "http://[secret]host/x"],
    ["root:$6$salt$hunter2hash:1:2", "root:[secret]:1:2"],
    ["Authorization: Bearer hunter2hunter2", "Authorization: [secret] [secret]"],
    ["got Basic aHVudGVyMg== there", "got Basic [secret] there"],
    ["luks.key=hunter2 root=LABEL=x", "luks.key=[secret] root=LABEL=x"],
    [
      "x\n-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\ny",
      "x\n-----BEGIN RSA PRIVATE KEY-----[secret]\ny",
    ],
    ["-----BEGIN PRIVATE KEY-----\\nhunter2", "-----BEGIN PRIVATE KEY-----[secret]"],
    ["AGE-SECRET-KEY-HUNTER2", "AGE-SECRET-KEY-[secret]"],
  ] as const)("%j", ([text, redacted]) => {
    expect(redactText(text)).toBe(redacted);
  });

  test.for([
    "[  3.224] downloaded: config.json",
    "mkfs.ext4 -L root -O ^64bit /dev/sda2",
    "keyboard=us layout: de",
    "https://image.example:6971/path?x=1",
    "tokens were counted: no",
  ])("an ordinary line stays: %s", (text) => {
    expect(redactText(text)).toBe(text);
  });

  test("tells what it took out, so that it can be looked for elsewhere", () => {
    const found: string[] = [];
    redactText("password='hunter 2' --token abc host=x", (secret) => found.push(secret));
    expect(found).toEqual(["hunter 2", "abc"]);
  });
});
