import type { Command } from "commander";
import { addBenchHoles } from "./benchHoles.js";
import { addBenchInfilling } from "./benchInfilling.js";
import { addBenchLatency } from "./benchLatency.js";
import { addBenchSpeed } from "./benchSpeed.js";
import type { Invoke } from "./invocation.js";

/** `lacuna bench ...`: measures on this machine. */
export function addBench(program: Command, invoke: Invoke): void {
  const bench = program.command("bench").description("measure quality and speed on this machine");
  for (const add of [addBenchInfilling, addBenchSpeed, addBenchLatency, addBenchHoles]) add(bench, invoke);
}
