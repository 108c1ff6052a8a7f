import assert from "node:assert/strict";
import type { EngineState, Writer } from "../../../src/client/engineLife.js";
import { ServerFirst } from "../../../src/client/serverFirst.js";
import { LacunaError } from "../../../src/protocol/errors.js";
import type { CompleteParams, CompleteResult, TokenLikelihood } from "../../../src/protocol/messages.js";
import { completion, scriptedEngine } from "../cli/scriptedEngine.js";

type Params = Omit<CompleteParams, "requestId">;

const PARAMS: Params = {
  ...{ prefix: "x =", suffix: "\n", maxTokens: 20, temperature: 0, topP: 1, seed: 0, maxLines: 3, decoder: "deer", block: "auto" },
};
const away = (): LacunaError => new LacunaError("serverAway", "The server is away.", "It is tried again.");

interface Case {
  readonly says?: readonly string[];
  readonly fails?: Error;
  readonly state?: EngineState;
  readonly never?: boolean;
}

/** A server that says something and then may fail, before models that say `local`. */
function setUp({ says = [], fails, state = "ready", never = false }: Case) {
  const asked: Params[] = [];
  const why: string[] = [];
  const wanted = { is: true };
  const server: Writer = {
    ...scriptedEngine({ requests: [], disposals: 0 }),
    complete: async (_params, options) => {
      for (const text of says) options?.onText?.(text, [[text.length, -0.5]]);
      if (fails !== undefined) throw fails;
      return completion({ text: says.join(""), decoder: "server" });
    },
    infill: () => Promise.reject(fails ?? away()),
    readAhead: () => Promise.reject(fails ?? away()),
  };
  const local: Writer = {
    ...scriptedEngine({ requests: [], disposals: 0 }),
    complete: async (params, options): Promise<CompleteResult> => {
      asked.push(params);
      const likelihoods: TokenLikelihood[] = [[6, -1]];
      options?.onText?.(" local", likelihoods);
      return completion({ text: " local", likelihoods, tokens: 1 });
    },
  };
  const writers = new ServerFirst({
    server: { state, use: <T>(job: (engine: never) => Promise<T>) => (never ? new Promise<T>(() => {}) : job(server as never)) },
    local: { use: (job) => job(local) },
    isWanted: () => wanted.is,
    onLocal: ({ message }) => why.push(message),
  });
  const heard: [string, readonly TokenLikelihood[]][] = [];
  const complete = () => writers.use((writer) => writer.complete(PARAMS, { onText: (text, more) => heard.push([text, more]) }));
  return { writers, complete, asked, heard, why, wanted };
}

describe("a server before the models of this machine", () => {
  it("writes where it can, and they are not asked", async () => {
    const { complete, asked } = setUp({ says: [" a"] });
    assert.equal((await complete()).text, " a");
    assert.deepEqual(asked, []);
  });

  it("is not asked where none is wanted", async () => {
    const { complete, wanted, why } = setUp({ says: [" a"] });
    wanted.is = false;
    assert.equal((await complete()).text, " local");
    assert.deepEqual(why, []);
  });

  it("is replaced by them when it fails before its first text, whatever it was asked", async () => {
    const { complete, asked, heard, why, writers } = setUp({ fails: away() });
    assert.equal((await complete()).text, " local");
    assert.deepEqual([asked, heard], [[PARAMS], [[" local", [[6, -1]]]]]);
    const around = { prefix: "", suffix: "", maxTokens: 8 };
    assert.equal((await writers.use((writer) => writer.infill({ ...PARAMS, method: "auto" }))).model, "scripted");
    assert.equal((await writers.use((writer) => writer.readAhead(around))).passes.verifier, 1);
    assert.deepEqual(why, ["The server is away."]);
  });

  it("is gone on from where it failed within a text, of which nothing is said twice", async () => {
    const { complete, asked, heard } = setUp({ says: [" a +\r\n", "  b"], fails: away() });
    const { text, likelihoods, tokens } = await complete();
    assert.equal(text, " a +\r\n  b local");
    assert.deepEqual(heard.map(([piece]) => piece), [" a +\r\n", "  b", " local"]); // prettier-ignore
    assert.deepEqual([asked[0].prefix, asked[0].maxLines, asked[0].maxTokens], ["x = a +\r\n  b", 2, 18]);
    assert.deepEqual([likelihoods.at(-1), heard[2][1], tokens], [[14, -1], [[14, -1]], 3]);
  });

  it("is not waited for when the part that speaks to it does not start", async () => {
    const { complete } = setUp({ state: "starting", never: true });
    const start = performance.now();
    assert.equal((await complete()).text, " local");
    assert.ok(performance.now() - start < 3000);
  });

  it("does not hide what is wrong with Lacuna itself", async () => {
    await assert.rejects(setUp({ fails: new TypeError("a bug") }).complete(), TypeError);
  });
});
