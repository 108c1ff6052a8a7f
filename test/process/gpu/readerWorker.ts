/**
 * Runs a pair with a reader on the processor and on WebGPU, and prints how they compare. Arguments: the models folder, and the line that its
 * reader knows by heart.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { createRandom } from "../../../src/base/random.js";
import { fixedBlock } from "../../../src/decode/draft/blockSize.js";
import { speculate } from "../../../src/decode/draft/speculate.js";
import { SureDrafter } from "../../../src/decode/draft/sureDraft.js";
import { canvasLayout } from "../../../src/engine/models/canvasLayout.js";
import { CachedReader } from "../../../src/engine/models/cachedReader.js";
import { CachedVerifier } from "../../../src/engine/models/cachedVerifier.js";
import { ContextPool } from "../../../src/engine/models/contextPool.js";
import { KvCache } from "../../../src/engine/models/kvCache.js";
import { PassRunner } from "../../../src/engine/models/passRunner.js";
import { placeOn, type GraphProgram, type Placement } from "../../../src/engine/models/placement.js";
import { probeTokens } from "../../../src/engine/models/probeTokens.js";
import { ReaderRunner } from "../../../src/engine/models/readerRunner.js";
import { SequentialHead } from "../../../src/engine/models/sequentialHead.js";
import { Program } from "../../../src/engine/runtime/program.js";
import { PassGate } from "../../../src/engine/passGate.js";
import { readerOf, verifierOf, type ManifestFile, type ReaderEntry } from "../../../src/protocol/manifest.js";
import { parseManifest } from "../../../src/protocol/parseManifest.js";
import { PromptFormat } from "../../../src/text/promptFormat.js";
import { createTokenizer } from "../../../src/text/tokenizer.js";

const [modelsDir, line] = process.argv.slice(2);
const DEPTHS = [5, 33, 280];
const SLOTS = 6;
const DRAFT_PASSES = 200;

const manifest = parseManifest(readFileSync(path.join(modelsDir, "manifest.json"), "utf8"));
const pathOf = (file: ManifestFile): string => path.join(modelsDir, file.path);
const entry = verifierOf(manifest);
const readerEntry = readerOf(manifest) as ReaderEntry;
const graphPath = pathOf(entry.graph);
const readerPath = pathOf(readerEntry.graph);

interface Both {
  readonly verifier: PassRunner;
  readonly reader: ReaderRunner;
  readonly failures: string[];
}

/** Both models where `placement` is; a canvas fails after so many. */
async function both(placement: Placement, canvases = Infinity): Promise<Both> {
  const failures: string[] = [];
  const fallBack = { create: () => Program.create(graphPath, 1, "cpu"), tell: (error: unknown) => void failures.push(String(error)) };
  const verifier = new PassRunner(entry, placement, new PassGate(), fallBack);
  verifier.wantHidden(readerEntry.hiddenSize);
  const program = placement.device === "cpu" ? undefined : await Program.createCanvas(readerPath, entry.cache.headDim, 1, placement.device);
  let done = 0;
  const onDevice: GraphProgram | undefined = program && {
    inPlace: true,
    run: async (inputs, outputs) => {
      if ((done += 1) > canvases) throw new Error("device lost");
      await program.run(inputs, outputs);
    },
  };
  const sequential = await Program.create(pathOf(readerEntry.sequential), 1, "cpu");
  const programs = { onDevice, onProcessor: () => Program.create(readerPath, 1, "cpu") };
  return { verifier, reader: new ReaderRunner(readerEntry, programs, sequential, verifier, new PassGate()), failures };
}

/** The largest differences of canvases behind more and more tokens, two side by side, in deviations of their logits. */
async function differences(expected: Both, given: Both): Promise<number[]> {
  const tokens = probeTokens(600, entry.vocabSize);
  const found: number[] = [];
  const sides = [expected, given].map((models) => ({ ...models, cache: new KvCache(entry.cache), last: undefined as Float32Array | undefined }));
  let past = 0;
  for (const depth of [0, ...DEPTHS]) {
    const logits: Float32Array[] = [];
    for (const side of sides) {
      const part = tokens.slice(past, depth);
      if (part.length > 0) {
        await side.verifier.forward(side.cache, part, past, [part.length - 1]);
        side.cache.append(part, true);
        side.last = side.verifier.hiddenOf(0)?.slice();
      }
      const contents = [2, 3].map((anchor) => [anchor, ...new Array<number>(SLOTS).fill(-1)]);
      const slots = contents.flatMap((content) => [...content.keys()]);
      const layout = canvasLayout(depth, 0, contents.map((content) => ({ slots: content, tail: [] })), slots.length); // prettier-ignore
      const pass = { ...layout, tokens: contents.flat(), slots, role: "infill", last: side.last, rows: [...slots.keys()] } as const;
      const scores = await side.reader.forward(side.cache, depth, pass);
      logits.push(Float32Array.of(...scores.logits, ...scores.certainty));
    }
    const deviation = Math.sqrt(logits[0].reduce((sum, value) => sum + value ** 2, 0) / logits[0].length);
    found.push(logits[0].reduce((most, value, index) => Math.max(most, Math.abs(value - logits[1][index]) / deviation), 0));
    past = depth;
  }
  for (const { cache } of sides) cache.free();
  return found;
}

/** Greedy text with drafts of the reader's. */
async function textWith({ verifier, reader, failures }: Both): Promise<object> {
  const pool = new ContextPool(entry.cache, undefined, 0);
  const cached = new CachedVerifier(verifier, entry, pool, { multiple: 4 }, "padded");
  const head = new SequentialHead(new Uint8Array(readFileSync(pathOf(readerEntry.sequentialData))).buffer, readerEntry);
  const model = new CachedReader(reader, cached, head);
  const tokenizer = createTokenizer(readFileSync(pathOf(entry.tokenizer), "utf8"));
  const layout = new PromptFormat(entry.prompt, tokenizer).layOut(
    { prefix: line.repeat(20), suffix: "" },
    { promptTokens: 512, suffixHeadTokens: 0 },
  );
  const rule = { temperature: 0, topP: 1 };
  const random = createRandom(1);
  const drafter = new SureDrafter(model, { rule, random, mayRead: false }, undefined);
  const decoder = speculate(cached, layout, [{ drafter, blockSizer: fixedBlock(7) }], { maxTokens: 40, rule, random });
  let step = await decoder.next();
  while (step.done !== true) step = await decoder.next();
  pool.clear();
  const { tokens, blocks, accepted } = step.value;
  return { tokens, verifies: blocks.length, accepted, failures, devices: [verifier.device, reader.device] };
}

/** Resident megabytes after each fifty drafts. */
async function memory({ verifier, reader }: Both): Promise<number[]> {
  const found: number[] = [];
  const cache = new KvCache(entry.cache);
  const tokens = probeTokens(280, entry.vocabSize);
  await verifier.forward(cache, tokens, 0, [279]);
  cache.append(tokens, true);
  const slots = [...new Array<number>(8).keys()];
  const canvas = [1, ...new Array<number>(7).fill(-1)];
  for (let pass = 1; pass <= DRAFT_PASSES; pass += 1) {
    const past = 100 + (pass % 170);
    const layout = canvasLayout(past, 0, [{ slots: canvas, tail: [] }], 8);
    await reader.forward(cache, past, { ...layout, tokens: canvas, slots, role: "draft", last: undefined, rows: slots });
    if (pass % 50 !== 0) continue;
    (globalThis as { gc?: () => void }).gc?.();
    found.push(process.memoryUsage.rss() / 1e6);
  }
  return found;
}

async function main(): Promise<void> {
  const processor = await placeOn("cpu", graphPath, 1);
  const device = await placeOn("webgpu", graphPath, 1);
  const onDevice = await both(device);
  const found = {
    differences: await differences(await both(processor), onDevice),
    expected: await textWith(await both(processor)),
    whole: await textWith(onDevice),
    lost: await textWith(await both(device, 2)),
    megabytes: await memory(onDevice),
  };
  console.log(JSON.stringify(found));
  process.exit(0);
}

void main();
