import "./noTelemetry.js";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { InferenceSession, Tensor, env } from "onnxruntime-node";
import { canvasGraph } from "./canvasGraph.js";
import { unroundedGraph } from "./unroundedGraph.js";
import { LacunaError } from "../../protocol/errors.js";

/** Memory of the caller as a program takes it: data and shape, row-major; a half is the bits of one, in a `Uint16Array`. */
export type BufferData =
  | { readonly type: "int64"; readonly data: BigInt64Array }
  | { readonly type: "int32"; readonly data: Int32Array }
  | { readonly type: "float32"; readonly data: Float32Array }
  | { readonly type: "float16"; readonly data: Uint16Array };

/** What the binding throws when it meets the sequence output, after it has run the graph and written all other outputs. */
const NO_COPY_ERROR = "Non tensor type is temporarily not supported.";
const NO_COPY_OUTPUT = "no_copy";

/** An input or output of a program. Whoever made it owns its memory. */
export type Buffer = Tensor;

/** The version of the native runtime in use. */
export function runtimeVersion(): string {
  return env.versions.node ?? env.versions.common;
}

/** Wraps caller-owned memory; nothing is copied. */
export function bufferOf({ type, data }: BufferData, dims: readonly number[]): Buffer {
  return new Tensor(type as "float32", data as Float32Array, dims);
}

/**
 * A loaded graph that writes its outputs into the caller's memory.
 *
 * The binding copies every output it returns, the key-value cache included, even when the caller gave the
 * memory for it. Asking for a sequence-valued output first makes it stop before those copies, with a known
 * error, when all outputs are already written. `inPlace` says whether that way is taken; a start-up
 * self-test decides, because it leans on an error path of one version of the binding.
 */
export class Program {
  readonly #session: InferenceSession;
  inPlace = true;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /**
   * @param graphPath .onnx file, its external data beside it
   * @param threads threads of one forward pass, at least 1
   * @param device an execution provider of the runtime
   * @throws LacunaError `modelUnusable` or `outOfMemory`
   */
  static create(graphPath: string, threads: number, device: string): Promise<Program> {
    return Program.#of(graphPath, graphPath, threads, device);
  }

  /**
   * The same graph on the processor, its inputs not rounded to 8 bits: slower, and what roundings are held against.
   *
   * @throws LacunaError `modelUnusable` or `outOfMemory`
   */
  static async createUnrounded(graphPath: string, threads: number): Promise<Program> {
    return Program.#of(unroundedGraph(await readFile(graphPath)), graphPath, threads, "cpu");
  }

  /**
   * The graph of a reader on a device that keeps the verifier's cache; see `canvasGraph`.
   *
   * @throws LacunaError `modelUnusable` or `outOfMemory`
   */
  static async createCanvas(graphPath: string, headDim: number, threads: number, device: string): Promise<Program> {
    return Program.#of(canvasGraph(await readFile(graphPath), headDim), graphPath, threads, device);
  }

  static async #of(graph: string | Uint8Array, graphPath: string, threads: number, device: string): Promise<Program> {
    try {
      const options: InferenceSession.SessionOptions = {
        executionProviders: [device],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
        // Spinning threads would burn a core of the editor's machine between passes.
        extra: { session: { intra_op: { allow_spinning: "0" }, model_external_initializers_file_folder_path: path.dirname(graphPath) } },
      };
      // Either kind of graph has a signature of its own.
      const session = await (typeof graph === "string" ? InferenceSession.create(graph, options) : InferenceSession.create(graph, options));
      return new Program(session);
    } catch (cause) {
      throw creationError(graphPath, cause);
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  /**
   * One forward pass. Blocks the thread while it runs; control returns to the event loop before and after.
   *
   * @param outputs memory for every output but `no_copy`; written when the promise resolves
   */
  async run(inputs: Record<string, Buffer>, outputs: Record<string, Buffer>): Promise<void> {
    if (!this.inPlace) {
      await this.#session.run(inputs, outputs);
      return;
    }
    try {
      await this.#session.run(inputs, { [NO_COPY_OUTPUT]: null, ...outputs });
    } catch (error) {
      if (error instanceof Error && error.message.includes(NO_COPY_ERROR)) return;
      throw error;
    }
  }
}

function creationError(graphPath: string, cause: unknown): LacunaError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/bad_alloc|out of memory|allocat/i.test(message)) {
    return new LacunaError("outOfMemory", "There is not enough memory to load the models.", "Close other programs, or choose smaller models.", cause);
  }
  return new LacunaError(
    "modelUnusable",
    `The runtime cannot load ${graphPath}: ${message.split("\n")[0]}`,
    "Reinstall Lacuna, or convert the model again with `lacuna import`.",
    cause,
  );
}

/** Names of the backends that were compiled in; it does not follow that they work here. */
export { listSupportedBackends } from "onnxruntime-node";
