import path from "node:path";
import * as vscode from "vscode";
import { EngineLife } from "../client/engineLife.js";
import { startServer } from "../client/startServer.js";
import type { ServerState } from "../protocol/messages.js";
import { onCommand } from "./onCommand.js";
import type { Settings } from "./settings.js";

const MINUTE_MS = 60_000;
/** Where the editor keeps the key, encrypted, with the server that it is for. */
const SECRET = "lacuna.server.key";

export interface TeamServerOptions {
  readonly context: Pick<vscode.ExtensionContext, "secrets" | "asAbsolutePath">;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
  /** Called at each change of what is known of the server. */
  readonly onState: () => void;
}

/** The team's server as the settings want it, and `lacuna.setServerKey`. */
export class TeamServer implements vscode.Disposable {
  readonly life: EngineLife;
  readonly #options: TeamServerOptions;
  readonly #parts: vscode.Disposable;
  #state: ServerState | undefined;

  constructor(options: TeamServerOptions) {
    this.#options = options;
    const { context, settings, log } = options;
    this.life = new EngineLife({
      start: (isCurrent) => this.#start(isCurrent),
      idleMs: () => settings.get("engine.idleMinutes") * MINUTE_MS,
      onState: () => options.onState(),
      log: (line) => log.info(line.replace(/^engine:/, "server process:")),
    });
    this.#parts = vscode.Disposable.from(
      onCommand("lacuna.setServerKey", () => this.#setKey()),
      settings.onDidChange((keys) => {
        if (keys.some((key) => key.startsWith("server."))) this.#changed();
      }),
      context.secrets.onDidChange(({ key }) => {
        if (key === SECRET) this.#changed();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changed()),
    );
    this.#begin();
  }

  /** Whether a server is to write: a person has named one, and trusts the folder whose text is sent there. */
  get isWanted(): boolean {
    return this.#options.settings.get("server.url") !== "" && vscode.workspace.isTrusted;
  }

  /** Whether it writes now. */
  get isUp(): boolean {
    return this.isWanted && this.#state?.isUp === true && this.life.state !== "failed";
  }

  /** What is known of it; undefined where none is wanted, or nothing is known yet. */
  get state(): ServerState | undefined {
    return this.isWanted ? this.#state : undefined;
  }

  dispose(): void {
    this.#parts.dispose();
    this.life.dispose();
  }

  /** Another server, another key, or none. */
  #changed(): void {
    this.#state = undefined;
    void this.life.reset();
    this.#options.onState();
    this.#begin();
  }

  /** Starts before somebody waits for it. */
  #begin(): void {
    if (this.isWanted) this.life.use(() => Promise.resolve()).catch((error: unknown) => this.#options.log.error(`server: ${String(error)}`));
  }

  async #start(isCurrent: () => boolean): ReturnType<typeof startServer> {
    const { context, settings, log } = this.#options;
    const url = settings.get("server.url");
    return startServer({
      serverPath: context.asAbsolutePath(path.join("dist", "server.js")),
      connect: { url, model: settings.get("server.model"), format: settings.get("server.format"), key: await this.#keyFor(url) },
      variables: settings.networkVariables(),
      onState: (state) => {
        // A process that was left may still have something to say of the server before.
        if (isCurrent()) this.#told(state);
      },
      log: (line) => log.info(line),
    });
  }

  #told(state: ServerState): void {
    const { onState, log } = this.#options;
    if (this.#state?.isUp !== state.isUp || this.#state.why !== state.why) {
      if (state.isUp) log.info(`server: ${state.host} writes the texts, by ${state.model ?? "its model"}`);
      else log.warn(`server: the models of this machine write until it answers. ${state.why}`);
    }
    this.#state = state;
    onState();
  }

  /** The key that was set for the server of this address, and for no other. */
  async #keyFor(url: string): Promise<string | undefined> {
    try {
      const { origin, key } = JSON.parse((await this.#options.context.secrets.get(SECRET)) ?? "{}") as { origin?: unknown; key?: unknown };
      return typeof key === "string" && origin === originOf(url) ? key : undefined;
    } catch {
      return undefined;
    }
  }

  async #setKey(): Promise<void> {
    const { context, settings } = this.#options;
    const origin = originOf(settings.get("server.url"));
    if (origin === undefined) {
      const choice = await vscode.window.showWarningMessage("Set lacuna.server.url first: a key is for one server.", "Open Settings");
      if (choice !== undefined) await vscode.commands.executeCommand("workbench.action.openSettings", "lacuna.server.url");
      return;
    }
    const prompt = `Key for ${origin}. It is kept encrypted by the editor and sent there alone. Leave empty to forget it.`;
    const key = await vscode.window.showInputBox({ title: "Lacuna: Set Server Key", prompt, password: true, ignoreFocusOut: true });
    if (key === undefined) return;
    if (key.trim() === "") await context.secrets.delete(SECRET);
    else await context.secrets.store(SECRET, JSON.stringify({ origin, key: key.trim() }));
  }
}

function originOf(url: string): string | undefined {
  const address = url.trim();
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) ? new URL(address).origin : undefined;
}
