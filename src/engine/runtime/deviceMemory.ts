import "./noTelemetry.js";
import { InferenceSession } from "onnxruntime-node";
import { writeOnnx } from "../../onnx/onnxWriter.js";
import type { OnnxGraph, OnnxValue } from "../../onnx/onnxModel.js";
import { bufferOf, type Buffer } from "./program.js";

const RANK = 4;
const shaped = (name: string): OnnxValue => ({ name, element: "float32", dims: ["a", "b", "c", "d"] });
const numbers = (name: string, count: number): OnnxValue => ({ name, element: "int64", dims: [count] });

const ZEROS: OnnxGraph = {
  name: "zeros",
  nodes: [{ op: "ConstantOfShape", domain: "", inputs: ["dims"], outputs: ["made"], attributes: {} }],
  initializers: [],
  inputs: [numbers("dims", RANK)],
  outputs: [shaped("made")],
};

const GROWN: OnnxGraph = {
  name: "grown",
  nodes: [{ op: "Pad", domain: "", inputs: ["old", "pads"], outputs: ["made"], attributes: {} }],
  initializers: [],
  inputs: [shaped("old"), numbers("pads", 2 * RANK)],
  outputs: [shaped("made")],
};

/**
 * Memory on a device that programs there read and write in place, as their inputs and outputs at once.
 *
 * The binding leaves outputs on a device for a whole session only, and such a session takes no memory of the caller's. Memory is therefore made
 * by tiny sessions of its own, and given to the sessions of models, which know of no device memory. All of it is padded from one number:
 * a constant of full size would be sent to the device through memory of the host that some drivers do not give back.
 */
export class DeviceMemory {
  readonly #grow: InferenceSession;
  readonly #seed: Buffer;

  private constructor(grow: InferenceSession, seed: Buffer) {
    this.#grow = grow;
    this.#seed = seed;
  }

  /** @param device an execution provider of the runtime that keeps outputs @throws whatever the runtime throws where there is none */
  static async open(device: string): Promise<DeviceMemory> {
    const open = (graph: OnnxGraph): Promise<InferenceSession> =>
      InferenceSession.create(writeOnnx(graph), { executionProviders: [device], preferredOutputLocation: "gpu-buffer", logSeverityLevel: 3 });
    const zeros = await open(ZEROS);
    const { made } = await zeros.run({ dims: int64(new Array<number>(RANK).fill(1)) });
    return new DeviceMemory(await open(GROWN), made);
  }

  /** Zeros of four dimensions. The caller frees them. */
  zeros(dims: readonly number[]): Promise<Buffer> {
    return this.grown(this.#seed, dims);
  }

  /** A copy of `old` with zeros behind it in each dimension that is longer. The caller frees both. */
  async grown(old: Buffer, dims: readonly number[]): Promise<Buffer> {
    const pads = [...new Array<number>(RANK).fill(0), ...dims.map((size, axis) => size - old.dims[axis])];
    const { made } = await this.#grow.run({ old, pads: int64(pads) });
    return made;
  }
}

/** Gives memory back; of the caller's own memory on the host nothing is touched. */
export function freeBuffer(buffer: Buffer): void {
  if (buffer.location === "gpu-buffer") buffer.dispose();
}

function int64(values: readonly number[]): Buffer {
  return bufferOf({ type: "int64", data: BigInt64Array.from(values, BigInt) }, [values.length]);
}
