import { mochaSuite } from "../../check.mjs";
import { DRIVER, vulkanDriver } from "./vulkanDriver.mjs";

/** Tests that want a graphics adapter, be it one that computes on the processor; skipped, with the reason, where there is none. */
export function gpuSuite(testLimitMs) {
  const suite = mochaSuite("gpu", ["test/process/gpu/*.test.ts"], testLimitMs);
  const skip = async () => ({ passed: 0, failed: 0, skipped: 1, note: `no browser here has ${DRIVER}` });
  return { name: suite.name, run: () => (vulkanDriver() === undefined ? skip() : suite.run()) };
}
