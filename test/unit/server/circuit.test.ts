import assert from "node:assert/strict";
import { Circuit } from "../../../src/server/circuit.js";

function setUp() {
  const waits: { ms: number; job: () => void; isOff: boolean }[] = [];
  const probes: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const changes: boolean[] = [];
  const circuit: Circuit = new Circuit({
    probe: () => new Promise((resolve, reject) => probes.push({ resolve, reject })),
    after: (ms, job) => {
      const wait = { ms, job, isOff: false };
      waits.push(wait);
      return () => (wait.isOff = true);
    },
    chance: () => 0,
    onChange: () => changes.push(circuit.isClosed),
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { circuit, waits, probes, changes, settle };
}

describe("the circuit of a server", () => {
  it("opens at the first failure, and closes when a probe is answered", async () => {
    const { circuit, waits, probes, changes, settle } = setUp();
    circuit.failed(new Error("away"));
    circuit.failed(new Error("away"));
    assert.deepEqual([circuit.isClosed, waits.length, probes.length], [false, 1, 0]);
    waits[0].job();
    assert.deepEqual([circuit.isClosed, probes.length], [false, 1]);
    probes[0].resolve();
    await settle();
    assert.deepEqual([circuit.isClosed, changes], [true, [false, true]]);
  });

  it("asks ever later, at most once a minute, and soon again after the server was there", async () => {
    const { circuit, waits, probes, settle } = setUp();
    circuit.failed(new Error("away"));
    for (let round = 0; round < 9; round++) {
      waits[round].job();
      probes[round].reject(new Error("away"));
      await settle();
    }
    const pauses = waits.map(({ ms }) => ms);
    assert.deepEqual(
      pauses,
      pauses.toSorted((a, b) => a - b),
    );
    assert.deepEqual([pauses[0], pauses.at(-1)], [1000, 60_000]);
    circuit.succeeded();
    circuit.failed(new Error("away"));
    assert.equal(waits.at(-1)!.ms, 1000);
  });

  it("keeps the pause that the server asked for, also when it asks while it is open", () => {
    const { circuit, waits } = setUp();
    circuit.failed(new Error("busy"), 30_000);
    assert.equal(waits[0].ms, 30_000);
    circuit.failed(new Error("busy"), 90_000);
    assert.deepEqual([waits[0].isOff, waits[1].ms], [true, 90_000]);
  });

  it("probes no more once it has ended", async () => {
    const { circuit, waits, probes, changes, settle } = setUp();
    circuit.failed(new Error("away"));
    waits[0].job();
    circuit.end();
    probes[0].resolve();
    await settle();
    assert.deepEqual(changes, [false]);
  });
});
