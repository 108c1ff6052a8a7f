import path from "node:path";
import { filesBelow } from "./filesBelow.js";
import { smallText } from "./otherTools.js";

const MODEL_LAYER = "application/vnd.ollama.image.model";

/**
 * What Ollama calls the blobs that hold models. Source: its folder `manifests/REGISTRY/NAMESPACE/MODEL/TAG`, JSON files whose layer of
 * the kind of a model has the digest that names a file in `blobs`.
 *
 * @param folder its models folder
 * @returns by the name of a blob's file, "sha256-...": the names of the models that use it
 */
export async function ollamaNames(folder: string): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  const root = path.join(folder, "manifests");
  for await (const file of filesBelow(root, [])) {
    const parts = path.relative(root, file.path).split(path.sep);
    const blob = modelBlob(await smallText(file.path));
    if (blob === undefined || parts.length < 2) continue;
    const [registry, namespace] = parts;
    const isOwn = registry === "registry.ollama.ai" && namespace === "library";
    const model = parts.slice(isOwn ? 2 : 0, -1).join("/");
    names.set(blob, [...(names.get(blob) ?? []), `${model}:${parts.at(-1)}`]);
  }
  return names;
}

function modelBlob(json: string): string | undefined {
  try {
    const { layers } = JSON.parse(json) as { layers: { mediaType: string; digest: string }[] };
    const digest = layers.find(({ mediaType }) => mediaType === MODEL_LAYER)?.digest;
    return digest !== undefined && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest.replace(":", "-") : undefined;
  } catch {
    return undefined;
  }
}
