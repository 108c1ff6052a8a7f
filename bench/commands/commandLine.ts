import type { CommandLine } from "../../src/cli/program.js";
import { addBenchCaution } from "./benchCaution.js";
import { addBenchHoles } from "./benchHoles.js";
import { addBenchInfilling } from "./benchInfilling.js";
import { addBenchJumps } from "./benchJumps.js";
import { addBenchLatency } from "./benchLatency.js";
import { addBenchPeers } from "./benchPeers.js";
import { addBenchSpeed } from "./benchSpeed.js";

/** `npm run bench -- ...`: measures on this machine. */
export const BENCH: CommandLine = {
  description: "Measures quality and speed on this machine.",
  commands: [addBenchInfilling, addBenchSpeed, addBenchLatency, addBenchJumps, addBenchCaution, addBenchHoles, addBenchPeers],
};
