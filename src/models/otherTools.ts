import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, localDataFolder, variable, type Machine } from "./machine.js";

/** A program that keeps models in a folder of its own. */
export type ToolName = "Ollama" | "LM Studio" | "llama.cpp" | "Hugging Face" | "GPT4All";

export interface ToolFolder {
  readonly tool: ToolName;
  readonly folder: string;
}

/** Small files in which a tool says where its models are. */
const MAX_POINTER_BYTES = 2 ** 20;

/** The folders in which other tools keep models on this machine, whether they exist or not; those that a person has set come first. */
export async function toolFolders(machine: Machine): Promise<ToolFolder[]> {
  const { home } = machine;
  const inHome = (...parts: string[]): string => path.join(home, ...parts);
  const folders = (tool: ToolName, ...paths: (string | undefined)[]): ToolFolder[] =>
    [...new Set(paths)].filter((folder) => folder !== undefined && folder !== "").map((folder) => ({ tool, folder: folder as string }));
  const given = (name: string): string => variable(machine, name, "");
  return [
    ...folders("Ollama", given("OLLAMA_MODELS"), inHome(".ollama", "models"), ...ollamaServiceFolders(machine)),
    ...folders("LM Studio", ...(await lmStudioFolders(machine)), inHome(".lmstudio", "models"), inHome(".cache", "lm-studio", "models")),
    ...folders("llama.cpp", given("LLAMA_CACHE"), path.join(cacheFolder(machine), "llama.cpp")),
    ...folders("Hugging Face", given("HF_HUB_CACHE"), given("HUGGINGFACE_HUB_CACHE"), hubCache(machine), inHome(".cache", "huggingface", "hub")),
    ...folders("GPT4All", path.join(localDataFolder(machine), "nomic.ai", "GPT4All"), inHome(".cache", "gpt4all")),
  ];
}

/** Where the service that its installer makes keeps models, under an account of its own. */
function ollamaServiceFolders({ platform }: Machine): string[] {
  return platform === "linux" ? ["/usr/share/ollama/.ollama/models", "/var/lib/ollama/.ollama/models", "/var/lib/ollama/models"] : [];
}

function hubCache(machine: Machine): string {
  const folder = variable(machine, "HF_HOME", path.join(variable(machine, "XDG_CACHE_HOME", path.join(machine.home, ".cache")), "huggingface"));
  return path.join(folder, "hub");
}

/** Where LM Studio's own files say that its models are. */
async function lmStudioFolders({ home }: Machine): Promise<string[]> {
  const pointed = (await smallText(path.join(home, ".lmstudio-home-pointer"))).trim();
  const homes = [pointed, path.join(home, ".lmstudio")].filter((folder) => path.isAbsolute(folder));
  const chosen = await Promise.all(homes.map(async (folder) => downloadsFolder(await smallText(path.join(folder, "settings.json")))));
  return [...chosen.filter((folder) => folder !== ""), ...homes.map((folder) => path.join(folder, "models"))];
}

function downloadsFolder(settings: string): string {
  try {
    const { downloadsFolder: folder } = JSON.parse(settings) as { downloadsFolder?: unknown };
    return typeof folder === "string" && path.isAbsolute(folder) ? folder : "";
  } catch {
    return "";
  }
}

/** A file's text; "" when there is none, or when it is no small file. */
export async function smallText(file: string): Promise<string> {
  try {
    const facts = await stat(file);
    return facts.isFile() && facts.size <= MAX_POINTER_BYTES ? await readFile(file, "utf8") : "";
  } catch {
    return "";
  }
}
