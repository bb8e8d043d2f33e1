import type { Configuration } from "../config/read-configuration.ts";
import type { Step } from "../engine/step.ts";
import { writeTargetNetwork } from "../network/target/write-target-network.ts";
import type { NetworkState } from "./bring-up-network.step.ts";
import type { InstallOptions } from "./install-options.ts";
import { runPlugIn } from "./run-plug-in.ts";

export interface TargetNetworkInput {
  readonly options: InstallOptions;
  readonly network: NetworkState;
  readonly configuration: Configuration;
}

/** Writes the network configuration of the new system, or lets the operator's program do it. */
export const configureTargetNetwork: Step<TargetNetworkInput, void> = {
  id: "configure-network",
  title: "Configure the new system's network",
  destructive: true,
  async run({ options, network, configuration }, context) {
    const { host, log } = context;
    const {
      networkConfigurator: program,
      networkRenderer: renderer,
      tftpDirectory,
      mountPoint,
      tmpRoot,
    } = options;
    if (program === "") {
      const request = {
        mountPoint,
        network: configuration.machine,
        interfaces: network.interfaces,
        renderer,
      };
      await writeTargetNetwork({ files: host.files, interfaces: host.interfaces, log }, request);
      return;
    }
    const args = [tftpDirectory, mountPoint, network.active.interfaceName, tmpRoot];
    await runPlugIn({ role: "network configurator", program, args }, context);
  },
};
