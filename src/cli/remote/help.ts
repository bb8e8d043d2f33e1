/** What `-h` says of each command for a machine that is being installed. */
export const REMOTE_HELP = {
  control: `Steers a machine that is being installed, and says what was done. The actions:

  hold     keeps the machine from restarting when the installation is over
  release  takes a hold back
  reboot   restarts at once, when the installation is over
  rerun    starts the installer anew, from the first step
  cancel   stops the installation, which then counts as failed

  installer control host7 hold
  installer control -wait 10m 10.0.0.7 cancel

It needs a certificate that grants the method: Installer.HoldReboot, ReleaseReboot, RebootNow, Rerun or Cancel, or
Installer.* for all. Certificates are found in -certDirectory; -certFile and -keyFile before the command win.
HOST may be host, host:port or [IPv6 address]:port.

The exit code is 0 when it was done, 4 without the right to do it, and 5 when the machine cannot be reached or
refuses, such as a restart while the installation runs.
`,
  diagnose: `Fetches what a person needs to find out what went wrong on a machine: logs, events, status, plan, configuration
without secrets, kernel messages, block devices, network; as a tar archive. The file appears when it is complete,
readable for you alone; an existing one is kept unless -force is given.

  installer diagnose host7 -o host7.tar
  installer diagnose host7 -o - | tar -tv

It needs a certificate that grants Installer.Diagnose, in -certDirectory or by -certFile and -keyFile before the
command. The exit code is 4 without the right to do it, and 5 when the machine cannot be reached.
`,
  logs: `Prints the log of a machine that is being installed, as its log file has it. With -f it goes on with what comes,
waits while the machine cannot be reached, and goes on where it stood when a connection is lost or the installer
restarts.

  installer logs host7
  installer logs -f -level warn host7
  installer logs -last 50 10.0.0.7:6978

A certificate is only needed when the machine runs with -statusAccess=authenticated.
`,
  shell: `Opens a root shell on a machine that is being installed, and waits until the machine can be reached. Control-\\
at the beginning of what is typed disconnects. The exit code is that of the shell.

  installer shell host7
  installer -certFile me.cert -keyFile me.key shell host7
  echo 'lsblk; dmesg | tail' | installer shell host7

Input that is no terminal is typed into the shell, which ends after it. It needs a certificate that grants
Installer.Shell: the one for most methods in -certDirectory, or -certFile and -keyFile before the command. Nothing
is typed over a connection that others can read, unless -insecure stands after the word shell. The machine does not
restart while a shell is open. An original installer, which knows no window sizes and no exit codes, works as well.
`,
  status: `Prints the state of a machine that is being installed: steps with progress, what it waits for, what went wrong and
what to do, drives, network, shells.

  installer status host7
  installer status -json host7 | jq '.steps[] | select(.state == "running")'
  until installer status -json host7 | jq -e '.outcome == "succeeded"'; do sleep 5; done

The exit code is 0 while it installs and when it is installed, 6 when that has failed, 4 when only holders of a
certificate may look, and 5 when the machine cannot be reached.

JSON: hostname, version, startedUnixMs, at, outcome (running, succeeded, failed), message, steps (id, title, state,
destructive, startedAt, endedAt, unit, done, total, ratePerSecond, remainingSeconds, note, waitingFor, problem),
stall, handOver, drives, interfaces, sessions, machine, notices, sequence; times are milliseconds since the start.
`,
  watch: `Watches a machine being installed until that is over: on a terminal a live view of steps, progress and log, else
line by line. It waits while the machine cannot be reached, and goes on when a connection is lost or the installer
restarts. q leaves the view; the installation goes on.

  installer watch host7
  installer watch -follow '[fe80::1%eth0]:6978'
  installer watch host7 | tee host7.log

The exit code is 0 when the machine is installed, 6 when that has failed, and 130 when it was interrupted. A
certificate is only needed when the machine runs with -statusAccess=authenticated. Colours are left out when the
environment has NO_COLOR.
`,
} as const;
