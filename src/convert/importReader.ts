import { writeFileSync } from "node:fs";
import path from "node:path";
import { verifierOf, type ManifestFile, type ReaderEntry, type VerifierEntry } from "../protocol/manifest.js";
import { GraphBuilder } from "./graph/graphBuilder.js";
import type { OnnxGraph } from "../onnx/onnxModel.js";
import { writeOnnx } from "../onnx/onnxWriter.js";
import { plainText } from "../protocol/plainText.js";
import { FORMATS, type Import } from "./importCheckpoint.js";
import { pausesOf, type Imported, type ImportWatch } from "./importWatch.js";
import { describeBytes } from "./manifest/describeBytes.js";
import { ModelsFolder } from "./manifest/modelsFolder.js";
import { ImportedVerifier } from "./reader/importedVerifier.js";
import { openReaderExport, type ReaderExport } from "./reader/readerExport.js";
import { buildReaderGraph } from "./reader/readerGraph.js";
import { buildSequentialGraph } from "./reader/sequentialGraph.js";
import { unusable } from "./unusable.js";
import { MatrixStore, type WeightPlan } from "./weights/matrixStore.js";
import { WeightFile } from "./weights/weightFile.js";

const GRAPH_FILE = "reader.onnx";
const SEQUENTIAL_FILE = "reader-sequential.onnx";
const DATA_FILE = "reader.onnx.data";
const SEQUENTIAL_DATA_FILE = "reader-sequential.onnx.data";
/** Bytes of a weight that is never quantized. */
const MOST_BYTES = 4;

/** An exported reader: `source` is a folder with reader.json and reader.safetensors, `out` holds its verifier. */
export type ReaderImport = Omit<Import, "role" | "settings">;

/**
 * Makes an exported reader into one that the engine runs, beside the verifier that it was trained for.
 *
 * The head's rows are copied out of the imported verifier, because a product wants them next to each other: a tenth of its weights at
 * most. The embedding, of which a pass reads a few rows, is used where it lies; for that the reader's files lie in the verifier's folder,
 * because the runtime lets a graph name weights beside and below it, and nowhere else.
 *
 * @throws LacunaError `checkpointUnusable`, `diskFull`, `manifestInvalid`; Error of the file system. Nothing is left then
 */
export async function importReader(task: ReaderImport, watch: ImportWatch = {}): Promise<Imported<ReaderEntry>> {
  const folder = new ModelsFolder(task.out);
  const exported = openReaderExport(task.source);
  try {
    const entry = folder.manifest === undefined ? undefined : verifierOf(folder.manifest);
    checkVerifier(exported, entry, task.out);
    const verifier = new ImportedVerifier(task.out, entry);
    try {
      const plan = planOf(task, verifier);
      const unfinished = folder.begin("reader", MOST_BYTES * (exported.parameters + headWeights(exported)));
      try {
        const files = await writeReader(unfinished, exported, verifier, { place: path.posix.dirname(entry.data.path), plan }, watch);
        const model = { ...describe(task, exported, entry, plan), ...files };
        return { model, manifest: folder.finish(model) };
      } catch (error) {
        folder.abandon("reader");
        throw error;
      }
    } finally {
      verifier.close();
    }
  } finally {
    exported.close();
  }
}

const headWeights = ({ settings: { headTokens, network } }: ReaderExport): number => headTokens.length * network.hiddenSize;

/** The verifier's own way, where none is asked for. */
function planOf({ weights }: ReaderImport, verifier: ImportedVerifier): WeightPlan {
  if (weights === "stored")
    throw unusable("is a reader, of which no weights are stored in fewer bits", undefined, "Choose another format with --weights.");
  return weights === "auto" ? verifier.plan : weights;
}

/** @throws LacunaError `checkpointUnusable` where the verifier is not the one that the reader was trained for */
function checkVerifier({ settings }: ReaderExport, verifier: VerifierEntry | undefined, out: string): asserts verifier is VerifierEntry {
  if (verifier === undefined) {
    throw unusable(
      `is a reader, and there is no verifier in ${out} that it could belong to`,
      undefined,
      "Name the folder of its verifier with --out; import the verifier there first.",
    );
  }
  if (verifier.sourceSha256 === undefined) {
    const remedy = "Import the verifier again, from the folder that the reader was trained beside, then the reader.";
    throw unusable(`is a reader, and the verifier ${verifier.name} was imported before there were readers`, undefined, remedy);
  }
  const { network, verifierLayers, verifierSha256 } = settings;
  const { layers, kvHeads, headDim } = verifier.cache;
  if (verifier.sourceSha256 !== verifierSha256) {
    const [wanted, found] = [verifierSha256, verifier.sourceSha256].map((hash) => `${hash.slice(0, 12)}...`);
    throw unusable(
      `is a reader that was trained for another verifier than ${verifier.name}: for weights of the hash ${wanted}, not ${found}`,
      undefined,
      "Import the verifier from the folder that the reader was trained beside, or the reader that belongs to this one.",
    );
  }
  const sizes = [network.kvHeads, network.headDim, network.vocabSize, verifierLayers];
  if (sizes.join() !== [kvHeads, headDim, verifier.vocabSize, layers].join()) {
    throw unusable(`is a reader whose reader.json gives other sizes than its verifier ${verifier.name} has`);
  }
}

function describe(
  task: ReaderImport,
  { settings, parameters }: ReaderExport,
  verifier: VerifierEntry,
  plan: WeightPlan,
): Omit<ReaderEntry, "graph" | "data" | "sequential" | "sequentialData"> {
  const { network, reads, slots, headTokens, rank, lengthBias, isAutoregressive } = settings;
  return {
    name: plainText(task.name ?? "") || `${verifier.name}-reader`,
    role: "reader",
    weights: FORMATS[plan],
    parameters,
    licence: plainText(task.licence ?? "") || verifier.licence,
    origin: plainText(task.origin ?? path.basename(path.resolve(task.source))) || "unknown",
    verifier: verifier.data.sha256,
    headTokens: headTokens.length,
    rank,
    hiddenSize: network.hiddenSize,
    reads,
    maxSlots: slots,
    ...(isAutoregressive ? { isAutoregressive } : {}),
    ...(lengthBias === undefined ? {} : { lengthBias }),
  };
}

async function writeReader(
  folder: string,
  exported: ReaderExport,
  verifier: ImportedVerifier,
  { place, plan }: { readonly place: string; readonly plan: WeightPlan },
  watch: ImportWatch,
): Promise<Pick<ReaderEntry, "graph" | "data" | "sequential" | "sequentialData">> {
  const pause = pausesOf(watch, exported.parameters + headWeights(exported));
  const built = async (name: string, build: (graph: GraphBuilder) => Promise<OnnxGraph>): Promise<[Uint8Array, ManifestFile]> => {
    const file = new WeightFile(path.join(folder, name));
    let graph: Uint8Array;
    let data: ManifestFile;
    try {
      graph = writeOnnx(await build(new GraphBuilder(new MatrixStore(file, pause), plan)));
    } finally {
      data = { path: `${place}/${name}`, ...file.close() };
    }
    return [graph, data];
  };
  const [graph, data] = await built(DATA_FILE, (builder) => buildReaderGraph(exported, verifier, builder));
  const [sequential, sequentialData] = await built(SEQUENTIAL_DATA_FILE, (builder) => buildSequentialGraph(exported, builder));
  const write = (name: string, bytes: Uint8Array): ManifestFile => {
    writeFileSync(path.join(folder, name), bytes);
    return describeBytes(`${place}/${name}`, bytes);
  };
  return { graph: write(GRAPH_FILE, graph), data, sequential: write(SEQUENTIAL_FILE, sequential), sequentialData };
}
