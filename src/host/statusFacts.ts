import * as vscode from "vscode";
import type { ConfiguredEngine } from "./configuredEngine.js";
import type { Refusals } from "./refusals.js";
import { devicesOf } from "../protocol/devicesOf.js";
import type { SpeedRecord } from "../measure/speedRecord.js";
import { counted } from "../base/counted.js";
import type { StatusFacts } from "../view/statusView.js";

/** What the status bar item says now. */
export function statusFacts({ life, memory, server, fills }: ConfiguredEngine, refusals: Refusals, record: SpeedRecord): StatusFacts {
  const loaded = life.started?.loaded;
  const { failure } = life;
  const { remoteName } = vscode.env;
  return {
    engine: life.state,
    server: server.state,
    refusal: refusals.inFront(),
    failure: failure === undefined ? undefined : `${failure.message} ${failure.remedy}`,
    speeds: record.speeds,
    device: loaded === undefined ? undefined : `${devicesOf(loaded.models)}, ${counted(loaded.threads, "thread")}`,
    deviceReason: loaded?.models.find(({ role }) => role === "verifier")?.deviceReason,
    place: remoteName === undefined ? undefined : `on the remote machine (${remoteName})`,
    models: loaded?.models ?? [],
    fills: fills.words,
    memoryBytes: memory.bytes ?? loaded?.residentBytes,
  };
}
