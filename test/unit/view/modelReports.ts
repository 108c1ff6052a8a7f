import path from "node:path";
import { CATALOGUE } from "../../../src/models/catalogue.js";
import { expectedCost } from "../../../src/models/expectedCost.js";
import type { ModelFacts } from "../../../src/models/modelFacts.js";
import type { ToolName } from "../../../src/models/otherTools.js";
import type { ModelsReport } from "../../../src/models/modelsReport.js";

const SHAPE = { layers: 24, kvHeads: 2, headDim: 64 };
const facts: ModelFacts = {
  ...{ architecture: "qwen2", name: "Coder", parameters: 494e6, quantization: "Q4_K_M", contextTokens: 4096, cache: SHAPE, licence: "apache-2.0" },
  ...{ canFill: true, part: undefined, obstacle: "" },
};

function installed(name: string, folder: string, parameters: number, bytes: number): ModelsReport["installed"][number] {
  const verifier = { name, role: "verifier", weights: "int8", parameters, bytes, licence: "Apache-2.0", cache: SHAPE };
  return {
    name: path.basename(folder),
    folder: path.resolve(folder),
    models: [verifier],
    problem: "",
    expected: expectedCost({ ...SHAPE, ...verifier }),
  };
}

function found(tool: ToolName, label: string, at: string, about: ModelFacts): ModelsReport["found"][number] {
  const { parameters } = about;
  return {
    tool,
    label,
    path: at,
    kind: "file",
    otherPaths: [],
    bytes: 491e6,
    facts: about,
    expected: expectedCost({ ...SHAPE, bytes: 491e6, parameters }),
  };
}

/** A machine with 6 GB of memory: a bundled model, an installed one and a broken one, two of other tools, a download that was cut off. */
export function reportOf(change: Partial<ModelsReport> = {}): ModelsReport {
  return {
    folder: path.resolve("/data/models"),
    freeBytes: 50e9,
    installed: [
      installed("small", "/extension/models", 120e6, 103e6),
      installed("Qwen Coder", "/data/models/qwen2.5-coder-1.5b", 1.54e9, 1.6e9),
      { name: "broken", folder: path.resolve("/data/models/broken"), models: [], problem: "It is no JSON.", expected: undefined },
    ],
    downloaded: [{ name: "qwen2.5-coder-0.5b", path: path.resolve("/data/downloads/a.gguf"), bytes: 100e6, isWhole: false }],
    found: [
      found("Ollama", "coder:0.5b", "/ollama/blobs/sha256-1", facts),
      found("LM Studio", "odd.gguf", "/lm/odd.gguf", { ...facts, obstacle: "is a mixture of experts" }),
    ],
    skipped: [],
    memoryBytes: 6e9,
    catalogue: CATALOGUE.map((entry) => ({ ...entry, expected: expectedCost(entry) })),
    ...change,
  };
}
