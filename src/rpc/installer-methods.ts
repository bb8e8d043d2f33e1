/**
 * Names under which certificates grant what port 6978 offers (spec/auth.md section 7.1), whatever the protocol: a
 * certificate with `Installer.Shell` opens the shell by SRPC as by gRPC, one with `Installer.*` may do everything.
 */
export type InstallerMethod =
  | "Installer.Shell"
  | "Installer.GetStatus"
  | "Installer.WatchEvents"
  | "Installer.StreamLogs"
  | "Installer.HoldReboot"
  | "Installer.ReleaseReboot"
  | "Installer.RebootNow"
  | "Installer.Rerun"
  | "Installer.Cancel"
  | "Installer.Diagnose";

/** What only looks: open to everybody or to every certified user, as flag -statusAccess says. */
const VIEWS: ReadonlySet<InstallerMethod> = new Set<InstallerMethod>([
  "Installer.GetStatus",
  "Installer.WatchEvents",
  "Installer.StreamLogs",
]);

/** Whether `method` only looks at what every view shows. */
export function isView(method: InstallerMethod): boolean {
  return VIEWS.has(method);
}
