import { writeFileSync } from "node:fs";
import path from "node:path";
import { createRandom } from "../../src/base/random.js";
import { buildDecoderGraph } from "../../src/convert/graph/decoderGraph.js";
import { GraphBuilder } from "../../src/convert/graph/graphBuilder.js";
import type { StoredTensor } from "../../src/convert/sources/checkpoint.js";
import type { Network } from "../../src/convert/sources/network.js";
import { MatrixStore, type WeightPlan } from "../../src/convert/weights/matrixStore.js";
import { WeightFile } from "../../src/convert/weights/weightFile.js";
import { writeOnnx } from "../../src/onnx/onnxWriter.js";

/** Random values that all tensors are parts of: what a pass takes does not depend on them. */
const POOL = 1 << 22;
const SCALE = 0.02;

/** Writes the graph of a verifier with random weights into `folder`, as an import of a checkpoint of this size would. @returns its path */
export async function writeRandomGraph(network: Network, plan: WeightPlan, folder: string): Promise<string> {
  const random = createRandom(1);
  const pool = Float32Array.from({ length: POOL }, () => (2 * random.next() - 1) * SCALE);
  const tensor = (name: string, rows: number, columns: number): StoredTensor => {
    const read = (from: number, count: number): Uint8Array => {
      const values = new Float32Array(count * columns);
      let at = (from * columns) % POOL;
      for (let done = 0; done < values.length; at = 0) {
        const part = pool.subarray(at, Math.min(POOL, at + values.length - done));
        values.set(part, done);
        done += part.length;
      }
      return new Uint8Array(values.buffer);
    };
    return { name, type: "F32", rows, columns, read };
  };
  const file = new WeightFile(path.join(folder, "model.onnx.data"));
  try {
    const store = new MatrixStore(file, () => Promise.resolve());
    const graph = path.join(folder, "model.onnx");
    writeFileSync(graph, writeOnnx(await buildDecoderGraph({ network, role: "verifier", tensor }, new GraphBuilder(store, plan))));
    return graph;
  } finally {
    file.close();
  }
}
