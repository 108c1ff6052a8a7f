import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { readGgufFacts } from "../../../src/models/ggufFile.js";
import { ggufFacts } from "../../../src/models/ggufFacts.js";
import { parseGgufHeader } from "../../../src/gguf/ggufHeader.js";
import { BrokenHeader, NeedsMore } from "../../../src/gguf/headerCursor.js";
import { f32, ggufBytes, number64, patched, QWEN, text, texts, u32, type GgufValue } from "./ggufBytes.js";

const GOOD = ggufBytes();

const OBSTACLES: readonly [claim: string, values: Readonly<Record<string, GgufValue>>, obstacle: RegExp][] = [
  ["a family that is not known", { ...QWEN, "general.architecture": text("gemma3") }, /is of the family gemma3, not qwen2, llama, qwen3/],
  ["a mixture of experts", { ...QWEN, "qwen2.expert_count": u32(8) }, /mixture of experts/],
  ["a tokenizer of another kind", { ...QWEN, "tokenizer.ggml.model": text("llama") }, /tokenizer of the kind "llama"/],
  ["stretched positions by name", { ...QWEN, "qwen2.rope.scaling.type": text("yarn") }, /rope scaling/],
  ["stretched positions by factor", { ...QWEN, "qwen2.rope.scale_linear": f32(4) }, /rope scaling/],
];

const BROKEN: readonly [claim: string, bytes: Buffer, why: RegExp][] = [
  ["is of version 1", ggufBytes(QWEN, [], 1), /version 1/],
  ["is of a version of big-endian machines", ggufBytes(QWEN, [], 0x03000000), /version 50331648/],
  ["ends within its magic", Buffer.from("GGUF"), /ends in the middle/],
  ["counts more tensors than there are atoms", patched(GOOD, "GGUF", 8, 2n ** 63n), /absurd/],
  ["counts more tensors than any model has", patched(GOOD, "GGUF", 8, 10 ** 6), /1000000 tensors/],
  ["counts more entries than any model has", patched(GOOD, "GGUF", 16, 10 ** 6), /1000000 entries/],
  ["has a key that is longer than the file", patched(GOOD, "general.architecture", -8, 60_000), /ends in the middle/],
  ["has a key of an absurd length", patched(GOOD, "general.architecture", -8, 2 ** 40), /text of 1099511627776 bytes/],
  ["has an entry of an unknown kind", patched(GOOD, "general.architecture", 20, 99), /unknown kind 99/],
  ["has a list of an absurd length", patched(GOOD, "tokenizer.ggml.tokens", 29, 2n ** 40n), /list of 1099511627776 values/],
  ["says nothing of its architecture", ggufBytes({ "general.name": text("x") }), /what architecture/],
  ["has a tensor of an absurd size", patched(GOOD, "token_embd.weight", 21, 2 ** 52), /absurd size/],
  ["lacks its last tensor's end", GOOD.subarray(0, GOOD.length - 1), /cut short: it has \d+ of \d+ bytes/],
];

describe("readGgufFacts", () => {
  let folder = "";
  before(async () => (folder = await mkdtemp(path.join(os.tmpdir(), "lacuna-gguf-"))));
  after(() => rm(folder, { recursive: true }));

  const read = async (bytes: Uint8Array): ReturnType<typeof readGgufFacts> => {
    const file = path.join(folder, "file");
    await writeFile(file, bytes);
    return readGgufFacts(file);
  };

  it("tells what the header says of the model", async () => {
    assert.deepEqual(await read(GOOD), {
      architecture: "qwen2",
      name: "Small Coder",
      parameters: 256 * 7,
      quantization: "Q4_K_M",
      contextTokens: 4096,
      cache: undefined,
      licence: "",
      canFill: true,
      part: undefined,
      obstacle: "",
    });
  });

  it("names the kind of most weights where the file does not say how it is stored", async () => {
    const values: Record<string, GgufValue> = { ...QWEN };
    delete values["general.file_type"];
    assert.equal((await read(ggufBytes(values)))?.quantization, "Q4_K");
  });

  it("finds the tokens for filling in by their spelling or by the entries that name them", async () => {
    const without = { ...QWEN, "tokenizer.ggml.tokens": texts("a", "<|fim_prefix|>", "<|fim_suffix|>") };
    assert.equal((await read(ggufBytes(without)))?.canFill, false);
    const deepSeek = { ...QWEN, "tokenizer.ggml.tokens": texts("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>") };
    assert.equal((await read(ggufBytes(deepSeek)))?.canFill, true);
    const named = { "tokenizer.ggml.fim_pre_token_id": u32(1), "tokenizer.ggml.suffix_token_id": u32(2), "tokenizer.ggml.fim_mid_token_id": u32(3) };
    assert.equal((await read(ggufBytes({ ...without, ...named })))?.canFill, true);
  });

  it("tells which part of a split model a file is", async () => {
    const values = { ...QWEN, "split.count": u32(3), "split.no": u32(1) };
    assert.deepEqual((await read(ggufBytes(values)))?.part, { index: 2, count: 3 });
  });

  it("reads a header that is longer than the first piece", async () => {
    const tokens = Array.from({ length: 60_000 }, (_, index) => `token ${index}`);
    const values = { ...QWEN, "tokenizer.ggml.tokens": texts(...tokens, "<fim_prefix>", "<fim_suffix>", "<fim_middle>") };
    const facts = await read(ggufBytes(values));
    assert.deepEqual([facts?.canFill, facts?.parameters], [true, 256 * 7]);
  });

  for (const [claim, values, obstacle] of OBSTACLES) {
    it(`tells ${claim} as what keeps the import from it`, async () => {
      assert.match((await read(ggufBytes(values)))?.obstacle ?? "", obstacle);
    });
  }

  it("tells weights of a kind that the import does not read", async () => {
    const facts = await read(ggufBytes(QWEN, [{ name: "x", dims: [0], type: 23 }]));
    assert.equal(facts?.obstacle, "stores weights as IQ4_XS");
  });

  it("knows nothing of a file that does not begin as a GGUF file, an empty one included", async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("GGU"), Buffer.from("PK\u0003\u0004 an archive"), Buffer.alloc(4096)]) {
      assert.equal(await read(bytes), undefined);
    }
  });

  for (const [claim, bytes, why] of BROKEN) {
    it(`refuses a file that ${claim}`, async () => {
      await assert.rejects(read(bytes), (error) => error instanceof BrokenHeader && why.test(error.message));
    });
  }

  it("survives every cut and any damage of a header: facts or a refusal, never anything else", () => {
    const parse = (bytes: Uint8Array): void => {
      try {
        ggufFacts(parseGgufHeader(bytes), bytes.length);
      } catch (error) {
        assert.ok(error instanceof BrokenHeader || error instanceof NeedsMore, String(error));
      }
    };
    for (let length = 0; length < GOOD.length; length++) {
      assert.throws(() => ggufFacts(parseGgufHeader(GOOD.subarray(0, length)), length), (error) => error instanceof Error);
      parse(GOOD.subarray(0, length));
    }
    for (let at = 4; at + 8 <= GOOD.length; at++) {
      for (const value of [0n, 2n ** 20n, 2n ** 53n, 2n ** 64n - 1n]) {
        const damaged = Buffer.from(GOOD);
        number64(value).copy(damaged, at);
        parse(damaged);
      }
    }
  });
});
