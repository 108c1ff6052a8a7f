/**
 * The process of one engine: one model, so that its memory is its own. The parent sends calls, one at a time.
 *
 * What a call takes is measured here, the way between the processes left out.
 */
import { GreedyText } from "./greedyText.js";
import type { PeerCalls, PeerReply, PeerRequest } from "./peerCalls.js";
import type { PeerModel, PeerSetting, Writer } from "./peerModel.js";
import { processMemory } from "./processMemory.js";

// Ctrl-C reaches every process of the terminal; the parent decides what becomes of this one.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(0));

let text: GreedyText | undefined;
let writeByItself: Writer | undefined;

const calls: PeerCalls = {
  async load(setting) {
    const emptyMB = processMemory().residentMB;
    const model = await modelOf(setting);
    text = new GreedyText(model);
    writeByItself = model.write;
    return { about: model.about, emptyMB };
  },
  readAnew: ({ tokens }) => loaded().readAnew(tokens),
  pass: ({ tokens, past }) => loaded().pass(tokens, past),
  write: ({ prompt, ends, maxTokens }) => loaded().write(prompt, new Set(ends), maxTokens),
  writeByItself({ prompt, maxTokens, hasDrafts }) {
    if (writeByItself === undefined) throw new Error("this engine has no loop of its own here");
    return writeByItself(prompt, maxTokens, hasDrafts);
  },
  memory: () => Promise.resolve(processMemory()),
};

/** Only one of the two native libraries is ever loaded here. */
async function modelOf(setting: PeerSetting): Promise<PeerModel> {
  if (setting.kind === "lacuna") return (await import("./lacunaModel.js")).lacunaModel(setting);
  return (await import("./llamaModel.js")).llamaModel(setting);
}

function loaded(): GreedyText {
  if (text === undefined) throw new Error("no model is loaded");
  return text;
}

async function reply({ name, params }: PeerRequest): Promise<PeerReply> {
  const call = calls[name] as (params: unknown) => Promise<unknown>;
  try {
    const start = performance.now();
    const value = await call(params);
    return { value, ms: performance.now() - start };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", (request) => void reply(request as PeerRequest).then((answer) => process.send?.(answer)));
