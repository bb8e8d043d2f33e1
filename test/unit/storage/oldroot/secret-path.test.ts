import { expect, test } from "vitest";
import { secretPathReason } from "../../../../src/storage/oldroot/secret-path.ts";

const SECRET = `
etc/shadow etc/shadow- etc/shadow.bak etc/shadow~ etc/.shadow.swp etc/gshadow etc/gshadow- etc/gshadow.org
etc/backup/shadow.2024 etc/passwd.bak etc/passwd.old etc/passwd~ etc/passwd-old etc/security/opasswd etc/htpasswd
etc/nginx/.htpasswd etc/samba/smbpasswd etc/exim4/passwd.client etc/postfix/sasl_passwd etc/postfix/sasl_passwd.db
etc/vncpasswd etc/ssh/ssh_host_rsa_key etc/ssh/ssh_host_ed25519_key.pub etc/ssl/private etc/ssl/private/site.crt
etc/pki/tls/private/host.crt etc/apache2/site.key etc/crypt.key etc/bind/rndc.key etc/corosync/authkey etc/munge/munge.key
etc/ceph/ceph.client.admin.keyring etc/keys/disk etc/KEYS/disk etc/default/Key etc/app/cert.pem etc/app/Cert.PEM
etc/app/bundle.p12 etc/app/bundle.pfx etc/tomcat/store.jks etc/krb5.keytab etc/http.keytab.old etc/krb5kdc/stash
etc/krb5kdc/.k5.EXAMPLE.ORG etc/app/client-secret etc/app/Secrets.yaml etc/ppp/chap-secrets etc/ppp/pap-secrets
etc/ppp/peers/provider etc/ipsec.secrets etc/ipsec.conf etc/ipsec.d/cacerts/a etc/strongswan.d/x etc/swanctl/swanctl.conf
etc/rsyncd.secrets etc/davfs2/secrets etc/samba/credentials etc/smbcredentials etc/cifs/.smbcred etc/app/api-token
etc/kubernetes/tokens/known etc/wireguard etc/wireguard/wg0.conf etc/openvpn/client.conf etc/office.ovpn
etc/NetworkManager/system-connections etc/NetworkManager/system-connections/home.nmconnection
etc/wpa_supplicant/wpa_supplicant.conf etc/wpa_supplicant.conf etc/hostapd/hostapd.conf etc/skel/.netrc etc/netrc
etc/.pgpass etc/samba/private/secrets.tdb etc/samba/passdb.tdb etc/sasldb2 etc/mysql/debian.cnf etc/skel/.my.cnf
etc/dbconfig-common/app.conf etc/vault.d/vault.hcl etc/vault/config.json etc/kubernetes/admin.conf
etc/kubernetes/controller-manager.conf etc/kubernetes/pki/ca.crt etc/rancher/k3s/k3s.yaml etc/app/kubeconfig
etc/sssd/sssd.conf etc/ldap/slapd.d/cn=config.ldif etc/nslcd.conf etc/pam_ldap.conf etc/libnss-ldap.conf
etc/freeradius/3.0/clients.conf etc/raddb/users etc/snmp/snmpd.conf etc/nut/upsd.users etc/nut/upsmon.conf
etc/iscsi/iscsid.conf etc/iscsi/nodes/iqn.2020/default etc/luks-header.img etc/root.luks etc/app/password
etc/app/passwords.txt etc/app/passphrase etc/tsig.conf etc/msmtprc etc/fetchmailrc etc/ssmtp/ssmtp.conf
etc/app/root.kdbx etc/app/signing.gpg etc/putty/id.ppk etc/skel/.ssh/id_ed25519 etc/skel/.gnupg/trustdb
etc/skel/.aws/config etc/skel/.docker/config.json etc/apache2/htdigest etc/iwd/main.conf
`
  .trim()
  .split(/\s+/);

const HARMLESS = `
etc etc/passwd etc/passwd- etc/group etc/group- etc/subuid etc/subgid etc/hostname etc/hosts etc/hosts.allow etc/fstab
etc/crypttab etc/machine-id etc/resolv.conf etc/nsswitch.conf etc/network/interfaces etc/network/interfaces.d/eth0
etc/netplan/01-netcfg.yaml etc/systemd/system/app.service etc/systemd/network/10-eth.network etc/sysctl.conf
etc/sysctl.d/99-local.conf etc/sudoers etc/sudoers.d/operators etc/ssh/sshd_config etc/ssh/ssh_config
etc/ssh/sshd_config.d/local.conf etc/ssl/certs/ca.crt etc/ssl/openssl.cnf etc/pam.d/common-auth etc/pam.d/sshd
etc/security/limits.conf etc/security/access.conf etc/cron.d/backup etc/crontab etc/cron.daily/logrotate
etc/logrotate.conf etc/logrotate.d/app etc/rsyslog.conf etc/nginx/nginx.conf etc/nginx/sites-enabled/default
etc/apache2/apache2.conf etc/apache2/ports.conf etc/postfix/main.cf etc/postfix/master.cf etc/aliases etc/mailname
etc/apt/sources.list etc/apt/sources.list.d/app.list etc/apt/preferences etc/default/grub etc/default/locale
etc/grub.d/40_custom etc/modprobe.d/blacklist.conf etc/modules etc/multipath.conf etc/lvm/lvm.conf etc/mdadm/mdadm.conf
etc/samba/smb.conf etc/krb5.conf etc/ldap/ldap.conf etc/mysql/my.cnf etc/postgresql/15/main/pg_hba.conf etc/profile
etc/profile.d/local.sh etc/bash.bashrc etc/environment etc/shells etc/timezone etc/localtime etc/motd etc/issue
etc/os-release etc/exports etc/iscsi/initiatorname.iscsi etc/ntp.conf etc/chrony/chrony.conf etc/docker/daemon.json
etc/containerd/config.toml etc/kubernetes/manifests/app.yaml etc/rc.local etc/inittab etc/services etc/udev/rules.d/70-net.rules
etc/NetworkManager/NetworkManager.conf etc/ppp/options etc/dhcp/dhclient.conf etc/X11/xorg.conf etc/alternatives/editor
etc/init.d/networking etc/vim/vimrc etc/snmp/traps etc/nut/ups.conf
`
  .trim()
  .split(/\s+/);

test("both tables are long enough to mean something", () => {
  expect(Math.min(new Set(SECRET).size, new Set(HARMLESS).size)).toBeGreaterThanOrEqual(60);
});

test.each(SECRET)("%s is left out", (path) => {
  expect(secretPathReason(path)).toMatch(/^[a-zA-Z -]+$/);
});

test.each(HARMLESS)("%s is kept", (path) => {
  expect(secretPathReason(path)).toBeUndefined();
});

test("a directory with a secret name takes everything below with it", () => {
  expect(secretPathReason("etc/wireguard/readme")).toBe(secretPathReason("etc/wireguard"));
});
