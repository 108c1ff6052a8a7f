import assert from "node:assert/strict";
import type { ServedFormatName } from "../../../src/protocol/messages.js";
import { isMarked, servedFormat } from "../../../src/server/servedFormat.js";
import { ServedPrompts } from "../../../src/server/servedPrompt.js";

const promptOf = (name: ServedFormatName, units = 1000, change = {}) =>
  new ServedPrompts(servedFormat(name, [])!).of({ prefix: "a = ", suffix: "\nb", ...change }, units);

describe("the prompt of a served model", () => {
  it("is laid out as its family was trained", () => {
    const texts = (["qwen", "starcoder", "deepseek", "codellama", "codegemma", "codestral", "lacuna"] as const).map((name) => promptOf(name));
    assert.deepEqual(texts, [
      { text: "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>" },
      { text: "<fim_prefix>a = <fim_suffix>\nb<fim_middle>" },
      { text: "<｜fim▁begin｜>a = <｜fim▁hole｜>\nb<｜fim▁end｜>" },
      { text: "<PRE> a =  <SUF>\nb <MID>" },
      { text: "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>" },
      { text: "[SUFFIX]\nb[PREFIX]a = " },
      { text: "<|fim_suffix|>\nb<|fim_prefix|>a = <|fim_middle|>" },
    ]);
  });

  it("is guessed from the names that models are served under", () => {
    const guesses = {
      "Qwen/Qwen2.5-Coder-7B": "qwen",
      "qwen3-coder-30b-a3b": "qwen",
      "bigcode/starcoder2-15b": "starcoder",
      "ibm-granite/granite-8b-code-base": "starcoder",
      "deepseek-ai/deepseek-coder-6.7b-base": "deepseek",
      "codellama/CodeLlama-7b-hf": "codellama",
      "google/codegemma-7b": "codegemma",
      "mistralai/Codestral-22B-v0.1": "codestral",
      "lacuna-verifier": "lacuna",
    };
    for (const [name, format] of Object.entries(guesses)) assert.equal(servedFormat("auto", [name])?.name, format, name);
    for (const name of ["meta-llama/Llama-3.1-8B", "Qwen2.5-7B-Instruct", "gpt-4"]) assert.equal(servedFormat("auto", [name]), undefined, name);
    assert.equal(servedFormat("auto", ["default", "/models/qwen2.5-coder"])?.name, "qwen");
  });

  it("holds other files as the family knows them", () => {
    const related = [{ path: "b.py", text: "b = 1" }];
    assert.deepEqual(promptOf("qwen", 1000, { related }), {
      text: "<|repo_name|>repository\n<|file_sep|>b.py\nb = 1<|file_sep|><|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>",
    });
    assert.deepEqual(promptOf("deepseek", 1000, { related }), {
      text: "<｜fim▁begin｜># b.py\nb = 1\na = <｜fim▁hole｜>\nb<｜fim▁end｜>",
    });
  });

  it("is no longer than it may be, and keeps its beginning while something is typed", () => {
    const prompts = new ServedPrompts(servedFormat("lacuna", [])!);
    const line = "value = compute(value)\n";
    const at = (typed: number) => {
      const prompt = prompts.of({ prefix: line.repeat(500) + "x".repeat(typed), suffix: line.repeat(500) }, 6000);
      return "text" in prompt ? prompt.text : "";
    };
    const [first, second] = [at(0), at(20)];
    assert.ok(first.length <= 6100 && first.length > 4000);
    assert.equal(second.replace("<|fim_middle|>", ""), `${first.replace("<|fim_middle|>", "")}${"x".repeat(20)}`);
    const { prefix, suffix } = promptOf("infill", 1000, { prefix: line.repeat(500), suffix: line.repeat(500) }) as { prefix: string; suffix: string };
    assert.ok(prefix.length + suffix.length <= 1000);
    assert.ok(prefix.endsWith(line));
  });

  it("lets no name in a document be read as a marker, in any family", () => {
    for (const name of ["qwen", "starcoder", "deepseek", "codellama", "codegemma", "codestral", "lacuna"] as const) {
      const format = servedFormat(name, [])!;
      assert.ok(isMarked(format));
      const names = [format.prefix, format.suffix, format.middle, ...format.ends].map((each) => each.trim()).filter((each) => each !== "");
      const count = (text: string): number => names.reduce((sum, each) => sum + text.split(each).length, 0);
      const [plain, named] = [promptOf(name), promptOf(name, 5000, { prefix: `${names.join("")}a = `, suffix: `\nb${names.join(" ")}` })];
      assert.equal(count("text" in named ? named.text : ""), count("text" in plain ? plain.text : ""), name);
    }
  });
});
