import path from "node:path";
import type { HeaderValue } from "../../../gguf/ggufHeader.js";
import { ReadableFile } from "../readableFile.js";
import { unusable } from "../../unusable.js";
import { readGgufTensors, type GgufTensor } from "./ggufTensors.js";

/** How llama.cpp names the parts of a split file. */
const PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;
const MOST_PARTS = 1000;

/** A tensor and the file it lies in. */
export interface PlacedTensor extends GgufTensor {
  readonly file: ReadableFile;
}

/** A model of one GGUF file, or of all parts of a split one. */
export interface GgufFiles {
  /** Of the first part, which holds the tokenizer and the sizes. */
  readonly metadata: ReadonlyMap<string, HeaderValue>;
  readonly tensors: ReadonlyMap<string, PlacedTensor>;
  readonly files: readonly ReadableFile[];
}

/**
 * Opens a GGUF file with all its parts; any part may be named.
 *
 * @throws LacunaError `checkpointUnusable`; no file stays open then
 */
export function openGguf(file: string): GgufFiles {
  const files: ReadableFile[] = [];
  try {
    const paths = partsOf(file);
    let first: ReadonlyMap<string, HeaderValue> | undefined;
    const tensors = new Map<string, PlacedTensor>();
    for (const [index, part] of paths.entries()) {
      const opened = new ReadableFile(part);
      files.push(opened);
      const header = readGgufTensors(opened);
      checkPart(header.metadata, index, paths.length, opened.name);
      first ??= header.metadata;
      for (const tensor of header.tensors) {
        if (tensors.has(tensor.name)) throw unusable(`has the tensor ${tensor.name} twice`);
        tensors.set(tensor.name, { ...tensor, file: opened });
      }
    }
    const metadata = first ?? new Map<string, HeaderValue>();
    const promised = metadata.get("split.tensors.count");
    if (paths.length > 1 && promised !== undefined && promised !== tensors.size) {
      throw unusable(`has ${tensors.size} tensors in its ${paths.length} parts instead of ${JSON.stringify(promised)}`);
    }
    return { metadata, tensors, files };
  } catch (error) {
    for (const opened of files) opened.close();
    throw error;
  }
}

function partsOf(file: string): string[] {
  const match = PART.exec(path.basename(file));
  if (match === null) return [file];
  const [, stem, , total] = match;
  const count = Number(total);
  if (count < 1 || count > MOST_PARTS) throw unusable(`says in its name that it has ${count} parts`);
  return Array.from({ length: count }, (_, index) => path.join(path.dirname(file), `${stem}-${String(index + 1).padStart(5, "0")}-of-${total}.gguf`));
}

/** The parts say themselves which they are; a file under another's name, or one that names itself, is found out here. */
function checkPart(metadata: ReadonlyMap<string, HeaderValue>, index: number, count: number, name: string): void {
  const parts = metadata.get("split.count") ?? 1;
  if (parts !== count) throw unusable(`is split into ${JSON.stringify(parts)} parts by its header, into ${count} by the file's name: ${name}`);
  if (count > 1 && metadata.get("split.no") !== index)
    throw unusable(`has ${name} as part ${index}, which says it is ${JSON.stringify(metadata.get("split.no"))}`);
}
