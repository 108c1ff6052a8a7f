import path from "node:path";
import { cudaFacts } from "../engine/models/cudaFacts.js";
import { cudaFolder, gotCuda, hasCuda, runtimeOf } from "../models/cudaProvider.js";
import { downloadsFolder } from "../models/dataFolder.js";
import { downloadFromHub } from "../models/download.js";
import { removeDownload } from "../models/downloads.js";
import { cudaWheel, installCuda } from "../models/installCuda.js";
import { thisMachine } from "../models/machine.js";
import { findWheel, indexSettings, wheelRecord } from "../models/packageIndex.js";
import { spokenBytes, spokenMs } from "../models/spoken.js";
import { LacunaError } from "../protocol/errors.js";
import { confirm } from "./confirm.js";
import { DownloadBar } from "./downloadBar.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation } from "./invocation.js";

export interface GetCudaOptions {
  readonly yes?: boolean;
}

/**
 * `lacuna devices get cuda`: says what is to be downloaded and asks; downloads the package of the runtime's own version, checks it, and keeps
 * the provider's libraries.
 */
export async function getCuda(invocation: Invocation, { yes = false }: GetCudaOptions): Promise<number> {
  const { environment, output } = invocation;
  if (process.platform !== "linux" || process.arch !== "x64") {
    const remedy = "Choose another device: `lacuna doctor` tries those that there are.";
    throw new LacunaError("deviceUnusable", "The CUDA provider is to be had for Linux on x64 alone.", remedy);
  }
  const machine = thisMachine(environment.variables);
  const runtime = await runtimeOf(environment.distDir);
  const folder = cudaFolder(machine, runtime.version);
  if (await hasCuda(machine, runtime)) {
    output.line(`The CUDA provider is there already, in ${folder}.`);
    output.document({ outcome: "installed", out: folder });
    return 0;
  }
  const wanted = cudaWheel(runtime.version);
  const downloads = downloadsFolder(machine);
  const settings = indexSettings(environment.variables);
  const controller = new AbortController();
  const { signal } = controller;
  const stopListening = environment.onInterrupt(() => controller.abort());
  const bar = new DownloadBar(output);
  const onWait = ({ pauseMs, because }: { pauseMs: number; because: string }): void =>
    bar.wait(`${because} The next try is in ${spokenMs(pauseMs)}.`);
  try {
    const wheel = await findWheel(wanted, { settings, signal, onWait });
    output.note(`${wheel.file}: ${spokenBytes(wheel.bytes)} from ${wheel.url?.host}, by Microsoft, under the MIT License.`);
    output.note(`The CUDA provider for onnxruntime ${runtime.version} is kept of it, with its licences and a copy of the runtime, in ${folder}.`);
    output.note(await whatElse());
    if (!yes && !(await confirm("Get it?", environment))) {
      throw new LacunaError("notConfirmed", "The CUDA provider was not downloaded.", "Answer y, or give --yes.");
    }
    const result = await downloadFromHub(wheel, {
      folder: path.join(downloads, wanted.project),
      settings,
      recordOf: (_, asking) => wheelRecord(wanted, asking),
      signal,
      onWait,
      onProgress: (progress) => bar.show(progress),
    });
    bar.stop();
    if (result.outcome === "done") {
      output.note(`${result.path} is whole and right: ${spokenBytes(result.bytes)}, SHA-256 ${result.sha256}.`);
      await installCuda(machine, runtime, result.path);
      await removeDownload(downloads, wanted.project);
      const bytes = (await gotCuda(machine)).find((each) => each.folder === folder)?.bytes ?? 0;
      output.line(`The CUDA provider is in ${folder}: ${spokenBytes(bytes)}. Engines find it from their next start on.`);
      output.note(`What else is missing, and whether the models run on it, says: ${environment.command} doctor`);
      output.document({ outcome: "done", out: folder, bytes, sha256: result.sha256, loadedBytes: result.loadedBytes });
      return 0;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    bar.stop();
    stopListening();
  }
  output.note("Interrupted. The same command goes on where it stopped.");
  output.document({ outcome: "cancelled" });
  return INTERRUPTED_EXIT_CODE;
}

/** What has to be there besides. */
async function whatElse(): Promise<string> {
  const needs = "It needs NVIDIA's driver and libraries of the CUDA Toolkit, which are not in it.";
  return (await cudaFacts()).hasDriver ? needs : `${needs} No NVIDIA driver is found here: without one it is of no use.`;
}
