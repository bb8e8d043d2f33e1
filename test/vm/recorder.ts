/**
 * For `addHook`: records on the second serial port every argument of every process that it sees (ten looks a second), and every event of
 * the installer. Needs a machine with `recorder`.
 */
export const RECORD_ARGUMENTS_AND_EVENTS = `
stty -F /dev/ttyS1 raw -echo 115200
( while true; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'; sleep 0.1; done |
  awk '!seen[$0]++ { print "argument: " $0; fflush() }' >/dev/ttyS1 ) &
tail -n +1 -F /var/log/installer/events.jsonl >/dev/ttyS1 2>/dev/null &
`;
