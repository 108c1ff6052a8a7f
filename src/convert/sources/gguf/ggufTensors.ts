import { headerReading, isGguf, type GgufHeader, type TensorInfo } from "../../../gguf/ggufHeader.js";
import { BrokenHeader } from "../../../gguf/headerCursor.js";
import { bytesOf, isTensorType, kindName, TENSOR_TYPES, type TensorType } from "../../../gguf/tensorKind.js";
import { unusable } from "../../unusable.js";
import type { ReadableFile } from "../readableFile.js";

export interface GgufTensor {
  readonly name: string;
  readonly type: TensorType;
  /** The first dimension is the one that runs fastest: the columns of a matrix. */
  readonly dims: readonly number[];
  /** Bytes [begin, end) of the file. */
  readonly begin: number;
  readonly end: number;
}

/**
 * The metadata of a GGUF file, and its tensors where all of them can be read: of types that are, whole, and each in its own place.
 *
 * @throws LacunaError `checkpointUnusable`
 */
export function readGgufTensors(file: ReadableFile): {
  readonly metadata: GgufHeader["metadata"];
  readonly tensors: readonly GgufTensor[];
} {
  const header = headerOf(file);
  const tensors = header.tensors.map((tensor) => placed(tensor, header, file));
  refuseOverlaps(tensors);
  return { metadata: header.metadata, tensors };
}

function headerOf(file: ReadableFile): GgufHeader {
  const magic = file.read(0, Math.min(4, file.size));
  if (magic.length < 4) throw unusable(`is cut short, or no GGUF file: ${file.name}`);
  if (isGguf(magic.toReversed())) throw unusable(`is a big-endian GGUF file, which is not read: ${file.name}`);
  try {
    const reading = headerReading(file.size);
    let step = reading.next();
    while (step.done !== true) step = reading.next(file.read(0, step.value));
    return step.value;
  } catch (error) {
    if (error instanceof BrokenHeader) throw unusable(`${error.message}: ${file.name}`, error);
    throw error;
  }
}

function placed({ name, dims, values, kind, offset }: TensorInfo, { alignment, dataBegin }: GgufHeader, file: ReadableFile): GgufTensor {
  const type = kindName(kind);
  if (!isTensorType(type)) throw unusable(`stores ${name} as ${type}, which is not read`, undefined, readTypesRemedy());
  if (dims.length === 0 || values < 1) throw unusable(`gives the shape [${dims.join(", ")}] to ${name}`);
  if (dims[0] % TENSOR_TYPES[type].values !== 0) throw unusable(`stores ${name} as ${type}, of which ${dims[0]} columns are no whole blocks`);
  if (offset % alignment !== 0) throw unusable(`is damaged: ${name} lies at ${offset}, which is not aligned`);
  const begin = dataBegin + offset;
  const end = begin + bytesOf(type, values);
  if (!(end <= file.size)) throw unusable(`is cut short: ${file.name} ends before or inside ${name}`);
  return { name, type, dims, begin, end };
}

function readTypesRemedy(): string {
  return `Get the model in another quantization; these are read: ${Object.keys(TENSOR_TYPES).join(", ")}.`;
}

function refuseOverlaps(tensors: readonly GgufTensor[]): void {
  const sorted = [...tensors].sort((a, b) => a.begin - b.begin);
  for (let index = 1; index < sorted.length; index += 1) {
    const [before, after] = [sorted[index - 1], sorted[index]];
    if (after.begin < before.end) throw unusable(`is damaged: ${after.name} overlaps ${before.name}`);
  }
}
