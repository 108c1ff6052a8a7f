import * as vscode from "vscode";
import type { CommandLines } from "./commandLines.js";
import { ContextKey } from "./contextKey.js";
import { onCommand } from "./onCommand.js";
import { sayFailure } from "./sayFailure.js";

const NAME = "the CUDA provider";
const GET = "Download";
const DETAIL = [
  "ONNX Runtime's libraries for NVIDIA cards, by Microsoft, under the MIT License, from the Python package index: some 250 MB to download, " +
    "and some 320 MB of disk.",
  "They need NVIDIA's driver, and cuBLAS, cuRAND and the CUDA runtime of the CUDA Toolkit 13, which are not among them.",
  "Whether models run right on the card, and faster, is tried before anything uses it.",
].join("\n\n");

export interface CudaOptions {
  readonly commands: Pick<CommandLines, "install">;
  /** Such as `linux-x64`. */
  readonly platform: string;
}

/** `lacuna.getCuda`: downloads the libraries for NVIDIA cards, which the extension does not carry; in the palette where they are to be had. */
export function registerCuda({ commands, platform }: CudaOptions): vscode.Disposable {
  new ContextKey("lacuna.canGetCuda", platform === "linux-x64");
  return onCommand("lacuna.getCuda", async () => {
    const options = { modal: true, detail: DETAIL };
    if ((await vscode.window.showInformationMessage(`Download ${NAME}?`, options, GET)) === undefined) return;
    try {
      if ((await commands.install(NAME, ["devices", "get", "cuda", "--yes"])) === undefined) {
        vscode.window.setStatusBarMessage(`Lacuna: ${NAME} was not installed`, 5000);
        return;
      }
      // An engine finds it when it starts.
      await vscode.commands.executeCommand("lacuna.restartEngine");
      void vscode.window.showInformationMessage(
        "The CUDA provider is installed. The engine tries it while nothing else runs, and Copy Diagnostics says what came of it.",
      );
    } catch (error) {
      sayFailure(error);
    }
  });
}
