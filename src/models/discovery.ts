import path from "node:path";
import { BrokenHeader } from "../gguf/headerCursor.js";
import { checkpointFolders } from "./checkpointFolders.js";
import { fileSample } from "./fileSample.js";
import { hasCode, messageOf } from "./errorCode.js";
import { filesBelow, type FoundFile, type Skipped } from "./filesBelow.js";
import { readGgufFacts } from "./ggufFile.js";
import type { Machine } from "./machine.js";
import type { ModelFacts } from "./modelFacts.js";
import { ollamaNames } from "./ollamaNames.js";
import { toolFolders, type ToolFolder, type ToolName } from "./otherTools.js";

/** A model that another tool has: a GGUF file, or a folder of safetensors. It is that tool's: Lacuna reads it, and never changes it. */
export interface FoundModel {
  readonly tool: ToolName;
  /** What the tool calls it. */
  readonly label: string;
  readonly path: string;
  readonly kind: "file" | "folder";
  /** Where the same bytes lie once more. */
  readonly otherPaths: readonly string[];
  readonly bytes: number;
  readonly facts: ModelFacts;
}

export interface Discovery {
  readonly found: readonly FoundModel[];
  /** What could not be looked at, and files that say that they are models and are not. */
  readonly skipped: readonly Skipped[];
}

interface Candidate extends FoundModel {
  readonly otherPaths: string[];
  readonly identity: string;
}

/**
 * Looks for models in the folders of other tools. What a file is, is read from its header, whatever it is called; the same bytes are
 * listed once, whether they are reached through links or lie there as copies. Nothing is written, and no network is used.
 *
 * @throws the reason of `signal`
 */
export async function discoverModels(machine: Machine, signal?: AbortSignal): Promise<Discovery> {
  return discoverIn(await toolFolders(machine), signal);
}

/** `discoverModels` in folders that the caller names. */
export async function discoverIn(folders: readonly ToolFolder[], signal?: AbortSignal): Promise<Discovery> {
  const skipped: Skipped[] = [];
  const candidates = new Map<string, Candidate>();
  const passed = new Set<string>();
  for (const { tool, folder } of folders) {
    const names = tool === "Ollama" ? await ollamaNames(folder) : undefined;
    for await (const file of filesBelow(folder, skipped)) {
      signal?.throwIfAborted();
      const identity = identityOf(file);
      const known = candidates.get(identity);
      if (known !== undefined) {
        if (known.path !== file.path) candidates.set(identity, withPath(known, tool, folder, file.path));
        continue;
      }
      if (passed.has(identity)) continue;
      passed.add(identity);
      const facts = await factsOf(file.path, skipped);
      if (facts === undefined || (facts.part !== undefined && facts.part.index > 1)) continue;
      const label = labelOf(tool, folder, file.path, names);
      candidates.set(identity, { tool, label, path: file.path, kind: "file", otherPaths: [], bytes: file.facts.size, facts, identity });
    }
  }
  const caches = folders.filter(({ tool }) => tool === "Hugging Face").map(({ folder }) => folder);
  const checkpoints = (await checkpointFolders(caches)).map(({ path: at, repository, bytes, facts }): FoundModel => {
    return { tool: "Hugging Face", label: repository, path: at, kind: "folder", otherPaths: [], bytes, facts };
  });
  const isFirst = (at: string, index: number): boolean => skipped.findIndex((each) => each.path === at) === index;
  const told = skipped.filter(({ path: at }, index) => isFirst(at, index));
  return { found: [...(await withoutCopies([...candidates.values()])), ...checkpoints], skipped: told };
}

/** A file by what the disk calls it; where that is nothing (some network drives), by its path. */
function identityOf({ path: file, facts }: FoundFile): string {
  return facts.ino === 0 ? file : `${facts.dev}:${facts.ino}`;
}

/** Also found at `file`; a path with a name that says something takes the place of one in a folder of blobs. */
function withPath(known: Candidate, tool: ToolName, folder: string, file: string): Candidate {
  const isBlob = (at: string): boolean => path.basename(path.dirname(at)) === "blobs";
  if (known.tool === tool && isBlob(known.path) && !isBlob(file)) {
    return { ...known, path: file, label: labelOf(tool, folder, file), otherPaths: [...known.otherPaths, known.path] };
  }
  return { ...known, otherPaths: [...known.otherPaths, file] };
}

async function factsOf(file: string, skipped: Skipped[]): Promise<ModelFacts | undefined> {
  try {
    return await readGgufFacts(file);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    skipped.push({ path: file, why: error instanceof BrokenHeader ? error.message : `cannot be read: ${messageOf(error)}` });
    return undefined;
  }
}

/** What a tool calls a file: a model's name in Ollama, a repository and a file in the hub's cache, else its path in the tool's folder. */
function labelOf(tool: ToolName, folder: string, file: string, names?: ReadonlyMap<string, readonly string[]>): string {
  const parts = path.relative(folder, file).split(path.sep);
  if (tool === "Ollama") return names?.get(path.basename(file))?.join(", ") ?? `a blob without a name (${path.basename(file).slice(0, 19)})`;
  const repository = /^models--(.+)$/.exec(parts[0])?.[1].replace("--", "/");
  if (tool !== "Hugging Face" || repository === undefined) return parts.join("/");
  return parts[1] === "snapshots" ? [repository, ...parts.slice(3)].join("/") : repository;
}

/** Files of one size with the same sample are copies: the first one stays. */
async function withoutCopies(candidates: readonly Candidate[]): Promise<FoundModel[]> {
  const bySample = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const isAlone = candidates.every((other) => other === candidate || other.bytes !== candidate.bytes);
    const sample = isAlone ? candidate.identity : await fileSample(candidate.path, candidate.bytes).catch(() => candidate.identity);
    const first = bySample.get(sample);
    if (first === undefined) bySample.set(sample, candidate);
    else bySample.set(sample, { ...first, otherPaths: [...first.otherPaths, candidate.path, ...candidate.otherPaths] });
  }
  return [...bySample.values()].map(({ tool, label, path: at, kind, otherPaths, bytes, facts }) => {
    return { tool, label, path: at, kind, otherPaths, bytes, facts };
  });
}
