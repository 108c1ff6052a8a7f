import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from "vscode-jsonrpc/node";
import { EngineClient } from "../../src/client/engineClient.js";
import { withModels } from "../../src/client/startEngine.js";
import { DeviceRecords } from "../../src/engine/models/deviceRecords.js";
import { graphicsDriver } from "../../src/engine/models/graphicsDriver.js";
import { openModelFiles } from "../../src/engine/models/modelFiles.js";
import { loadPair } from "../../src/engine/models/pair.js";
import { placeOn, type GraphProgram, type Placement } from "../../src/engine/models/placement.js";
import { listSupportedBackends } from "../../src/engine/runtime/program.js";
import { EngineService } from "../../src/engine/service.js";
import type { Device } from "../../src/protocol/messages.js";
import { testPair } from "../models/testPair.js";
import { completeParams } from "./engineFixture.js";

describe("a device that fails in a pass", () => {
  const stateDir = mkdtempSync(path.join(os.tmpdir(), "lacuna-lost-"));
  const ends: MessageConnection[] = [];
  after(() => {
    for (const end of ends) end.dispose();
    rmSync(stateDir, { recursive: true, force: true });
  });

  /** A client of a service in this process, which several share. */
  async function clientOf(service: EngineService): Promise<EngineClient> {
    const [there, back] = [new PassThrough(), new PassThrough()];
    const connection = createMessageConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
    const other = createMessageConnection(new StreamMessageReader(there), new StreamMessageWriter(back));
    ends.push(connection, other);
    service.serve(other, { onWelcome: () => {}, end: () => {} });
    connection.listen();
    return EngineClient.over({ connection, isShared: true, isOpen: true, died: new Promise(() => {}), close: () => Promise.resolve() });
  }

  it("is told to every window: the models then run on the processor, and why", async function () {
    if (!listSupportedBackends().some(({ name }) => name === "webgpu")) this.skip();
    const { manifest } = await openModelFiles(testPair);
    new DeviceRecords(stateDir, manifest, 1, await graphicsDriver()).put("webgpu", {
      verdict: "right",
      detail: "1 ms",
      deviceMs: 1,
      processorMs: 10,
    });
    let isLost = false;
    // The processor under the name of a device, until it is lost.
    const place = async (device: Device, graphPath: string, threads: number): Promise<Placement> => {
      const placement = await placeOn("cpu", graphPath, threads);
      const run: GraphProgram["run"] = (inputs, outputs) => {
        if (isLost) throw new Error("device lost");
        return placement.program.run(inputs, outputs);
      };
      return device === "cpu" ? placement : { ...placement, device, program: { inPlace: true, run } };
    };
    const service = new EngineService((params, how) => loadPair(params, { ...how, place }));
    const told: string[] = [];
    const open = async (name: string): ReturnType<typeof withModels<EngineClient>> => {
      const how = { log: (line: string) => void told.push(`${name}: ${line}`), onDeviceLost: () => void told.push(`${name} told`) };
      return withModels(await clientOf(service), { modelsDir: testPair, threads: 1, device: "auto", stateDir, ...how });
    };
    const [first, second] = [await open("first"), await open("second")];
    for (const { loaded } of [first, second]) assert.equal(loaded.models[0].device, "webgpu");
    const expected = await first.engine.complete(completeParams);

    isLost = true;
    told.length = 0;
    const { text } = await second.engine.complete({ ...completeParams, document: "another" });
    assert.equal(text, expected.text);
    await first.engine.usage();
    for (const { loaded } of [first, second, await open("third")]) {
      assert.equal(loaded.models[0].device, "cpu");
      assert.equal(loaded.models[0].deviceReason, "since webgpu failed in a pass: device lost");
    }
    for (const name of ["first", "second"]) {
      assert.equal(told.filter((line) => line === `${name} told`).length, 1, told.join("\n"));
      assert.ok(
        told.some((line) => line === `${name}: on cpu from now on, since webgpu failed in a pass: device lost`),
        told.join("\n"),
      );
    }

    const next = await loadPair({ modelsDir: testPair, threads: 1, device: "auto", stateDir }, { place });
    assert.equal(next.report.models[0].device, "cpu");
    assert.match(next.report.models[0].deviceReason, /webgpu: a pass failed, device lost/);
  });
});
