/**
 * A window without an editor: node windowProcess.js ENGINE MODELS. Uses an engine as the extension does, and does what it is told over
 * its channel.
 */
import { EngineLife } from "../../../src/client/engineLife.js";
import { startEngine } from "../../../src/client/startEngine.js";
import { LacunaError } from "../../../src/protocol/errors.js";
import type { Ask, Asked, WindowOptions } from "./windowMessages.js";

const { enginePath, modelsDir, threads } = JSON.parse(process.argv[2]) as WindowOptions;
const log: string[] = [];
const setup = { enginePath, modelsDir, threads, device: "cpu", isShared: true, log: (line: string) => void log.push(line) } as const;
const life = new EngineLife({ start: () => startEngine(setup), idleMs: () => 0 });
const rule = { temperature: 0, topP: 1, seed: 1, decoder: "deer", block: 7 } as const;

process.once("disconnect", () => process.exit(0));
process.on("message", (message) => void obey(message as Ask));

async function obey({ id, count, prefix, suffix, maxTokens, leaves, restarts }: Ask): Promise<void> {
  const asked: Asked = { id, texts: [], ms: [], pids: [], failures: [], log };
  for (let done = 0; done < count; done += 1) {
    const start = performance.now();
    // A person's next key asks again.
    for (let isAnswered = false; !isAnswered;) {
      try {
        await life.use(async (engine) => {
          asked.texts.push((await engine.complete({ ...rule, prefix, suffix, maxTokens, document: "a" })).text);
          if (!asked.pids.includes(engine.identity.pid)) asked.pids.push(engine.identity.pid);
        });
        isAnswered = true;
      } catch (error) {
        asked.failures.push(error instanceof LacunaError ? error.code : String(error));
        if (life.state === "failed") break;
      }
    }
    asked.ms.push(performance.now() - start);
  }
  if (restarts) await life.restart();
  if (leaves) await life.unload();
  process.send?.(asked);
}
