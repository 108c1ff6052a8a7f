import assert from "node:assert/strict";
import type { CompleteParams, ConnectParams, InfillParams, ServerState, TokenLikelihood } from "../../../src/protocol/messages.js";
import { LacunaError, type ErrorCode } from "../../../src/protocol/errors.js";
import { complete, infill } from "../../../src/server/errand.js";
import { Connector } from "../../../src/server/connector.js";
import { DONE, event, pause, refuses, says, ScriptedServer, type Answerer } from "./scriptedServer.js";

const LIMITS = { connectMs: 3000, firstMs: 5000, idleMs: 5000, wholeMs: 10_000 };
/** For servers that are slow on purpose. */
const SHORT = { connectMs: 2000, firstMs: 1000, idleMs: 700, wholeMs: 2000 };
const KEY = "secret-key-8271";

const PARAMS: CompleteParams = {
  ...{ requestId: 1, prefix: "def add(a, b):\n    x =", suffix: "\n", maxTokens: 16, temperature: 0, topP: 1, seed: 0 },
  ...{ maxLines: 1, decoder: "deer", block: "auto" },
};
const HOLE: InfillParams = { ...PARAMS, method: "auto", minTokens: 3 };

describe("texts of a team's server", () => {
  let server: ScriptedServer;
  let connector: Connector;
  let states: ServerState[];
  let pieces: string[];
  let likelihoods: TokenLikelihood[];

  beforeEach(async () => {
    server = new ScriptedServer();
    await server.start();
    states = [];
    pieces = [];
    likelihoods = [];
    connector = new Connector((state) => states.push(state), LIMITS);
  });

  afterEach(async () => {
    connector.close();
    await server.stop();
  });

  const connect = (change: Partial<ConnectParams> = {}): Promise<ServerState> =>
    connector.connect({ url: server.url, model: "", format: "auto", ...change });

  const ask = (change: Partial<CompleteParams> = {}, signal = new AbortController().signal) =>
    connector.run(signal, (errand) =>
      complete(errand, { ...PARAMS, ...change }, (text, more) => {
        pieces.push(text);
        likelihoods.push(...more);
      }),
    );

  const failsWith = async (code: ErrorCode, message: RegExp, run: () => Promise<unknown> = ask): Promise<LacunaError> => {
    const error = await run().then(
      () => assert.fail("it did not fail"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof LacunaError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.doesNotMatch(`${error.message} ${error.remedy} ${String(error.cause)}`, new RegExp(`${KEY}|def add`));
    return error;
  };

  it("are streamed, with how likely their tokens are, and ended by the server at the line's end", async () => {
    server.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(event(" a", { tokens: [[" a", -0.5]] }));
      response.write(event(" + b", { tokens: [[" +", -0.25], [" b", -0.125]] })); // prettier-ignore
      response.end(event("", { end: "stop", tokens: [["\n", -1]] }) + DONE);
    };
    assert.deepEqual(await connect(), { isUp: true, host: new URL(server.url).host, model: "qwen2.5-coder-7b", format: "qwen" });
    const result = await ask();
    assert.equal(result.text, " a + b");
    assert.equal(result.outcome, "done");
    assert.deepEqual(pieces.filter((piece) => piece !== ""), [" a", " + b"]); // prettier-ignore
    assert.deepEqual(result.likelihoods, [[2, -0.5], [4, -0.25], [6, -0.125], [7, -1]]); // prettier-ignore
    const { body } = server.asked[0];
    assert.equal(body.prompt, "<|fim_prefix|>def add(a, b):\n    x =<|fim_suffix|>\n<|fim_middle|>");
    assert.deepEqual([body.stop, body.temperature, body.max_tokens, body.stream], [["\n"], 0, 16, true]);
  });

  it("come over one connection that is kept", async () => {
    await connect();
    for (let round = 0; round < 5; round++) await ask();
    assert.equal(server.connections, 1);
  });

  it("are asked for again on a new connection where the server has closed the one that rested", async () => {
    await connect();
    await ask();
    await server.stop();
    await server.start();
    assert.equal((await ask()).text, " a + b");
    assert.deepEqual(states, []);
  });

  it("end at tokens that end a text, and where the block does", async () => {
    await connect();
    server.answer = says(" a", "<|file_sep|>other.py");
    assert.equal((await ask({ maxLines: 5 })).text, " a");
    server.answer = says(" a\n\ndef more", "():\n    pass\n");
    assert.equal((await ask({ maxLines: 9 })).text, " a");
  });

  it("leave the server as soon as all lines are there, or nobody wants them any more", async () => {
    await connect();
    const endless: Answerer = async (response) => {
      response.writeHead(200);
      while (!response.destroyed) {
        response.write(event("x\n"));
        await pause(5);
      }
    };
    server.answer = endless;
    assert.equal((await ask({ maxLines: 2, isUncut: true })).text, "x\nx");
    const abort = new AbortController();
    const asked = ask({ maxLines: undefined, isUncut: true }, abort.signal);
    await pause(60);
    abort.abort();
    assert.equal((await asked).outcome, "cancelled");
    await pause(50);
    assert.deepEqual(server.asked.map(({ isLeft }) => isLeft), [true, true]); // prettier-ignore
    assert.equal((await ask({}, abort.signal)).outcome, "cancelled");
    assert.equal(connector.state.isUp, true);
  });

  it("are cancelled while the server has said nothing, without an effect on others", async () => {
    await connect();
    server.answer = async () => pause(10_000);
    const abort = new AbortController();
    const asked = ask({}, abort.signal);
    await pause(50);
    abort.abort();
    assert.deepEqual([(await asked).outcome, (await asked).text], ["cancelled", ""]);
    await pause(50);
    assert.equal(server.asked[0].isLeft, true);
    assert.equal(connector.state.isUp, true);
  });

  it("begin before a space that ends the prefix, and with it where the server says otherwise", async () => {
    await connect();
    server.answer = says(" value");
    assert.equal((await ask({ prefix: "return " })).text, "value");
    assert.equal(server.asked.length, 1);
    assert.match(String(server.asked[0].body.prompt), /return<\|fim_suffix\|>/);
    server.answer = (response, seen) => (String(seen.body.prompt).endsWith("> ") ? says("= 1") : says(": int"))(response, seen);
    assert.equal((await ask({ prefix: "x " })).text, "= 1");
    assert.equal(server.asked.length, 3);
  });

  it("write a word that is begun anew, and go on in it where the server means another", async () => {
    await connect();
    server.answer = says(" re", "turn", " a");
    assert.equal((await ask({ prefix: "def f(a):\n    x = 1; ret" })).text, "urn a");
    assert.deepEqual(pieces.filter((piece) => piece !== ""), ["urn", " a"]); // prettier-ignore
    assert.equal(server.asked.length, 1);
    server.answer = (response, seen) => (/(ret|> ret|>ret)$/.test(String(seen.body.prompt)) ? says("ry(a)") : says(" print(a)"))(response, seen);
    assert.equal((await ask({ prefix: "def f(a):\n    x = 1; ret" })).text, "ry(a)");
    assert.deepEqual(server.asked.map(({ isLeft }) => isLeft).length, 3); // prettier-ignore
  });

  it("have the line ends of the document", async () => {
    await connect();
    server.answer = says(" (\n", "        a + b\n    )");
    assert.equal((await ask({ prefix: "def f(a, b):\r\n    x =", suffix: "\r\n\r\n", maxLines: 3 })).text, " (\r\n        a + b\r\n    )");
    assert.doesNotMatch(String(server.asked[0].body.prompt), /\r/);
  });

  it("say whether they were cut off by the limit of tokens", async () => {
    await connect();
    server.answer = (response) => void response.writeHead(200).end(event(" a", { end: "length" }) + DONE);
    assert.equal((await ask()).tokens, 16);
    server.answer = says(" a");
    assert.ok((await ask()).tokens < 16);
  });

  it("fill holes, painted as they come, with the bounds that were asked for", async () => {
    await connect();
    server.answer = says(" a", " + b");
    const painted: string[] = [];
    const result = await connector.run(new AbortController().signal, (errand) =>
      infill(errand, HOLE, (slots) => painted.push(slots.map(({ text }) => text).join(""))),
    );
    assert.deepEqual([result.middle, result.method, result.outcome], [" a + b", "ar", "done"]);
    assert.deepEqual(painted.slice(0, 2), [" a", " a + b"]);
    assert.equal(server.asked[0].body.min_tokens, 3);
  });

  it("are those of llama.cpp's own interface for holes, which lays them out itself", async () => {
    server.models = { data: [{ id: "some.gguf", owned_by: "llamacpp" }] };
    server.answer = (response) => {
      response.writeHead(200);
      response.write(`data: ${JSON.stringify({ content: " a", stop: false, completion_probabilities: [{ token: " a", logprob: -0.5 }] })}\n\n`);
      response.end(`data: ${JSON.stringify({ content: "", stop: true, stop_type: "eos", tokens_evaluated: 12 })}\n\n`);
    };
    assert.equal((await connect()).format, "infill");
    const result = await ask({ related: [{ path: "b.py", text: "b = 1\n" }] });
    assert.deepEqual([result.text, result.likelihoods], [" a", [[2, -0.5]]]);
    const { path, body } = server.asked[0];
    assert.equal(path, "/infill");
    assert.deepEqual([body.input_prefix, body.input_suffix, body.input_extra], [PARAMS.prefix, "\n", [{ filename: "b.py", text: "b = 1\n" }]]);
  });

  it("are asked for in plain words where a server knows no others", async () => {
    server.models = { data: [{ id: "codestral" }] };
    server.answer = (response, seen) => ("logprobs" in seen.body ? refuses(400) : says("1"))(response, seen);
    await connect();
    assert.equal((await ask()).text, "1");
    assert.equal((await ask()).text, "1");
    assert.equal(server.asked.length, 3);
    assert.equal(server.asked[2].body.prompt, "[SUFFIX]\n[PREFIX]def add(a, b):\n    x =");
  });

  it("are asked for with a shorter prompt where it was too long", async () => {
    await connect();
    server.answer = (response, seen) =>
      (String(seen.body.prompt).length > 8000 ? refuses(400, {}, '{"message":"maximum context length"}') : says("1"))(response, seen);
    assert.equal((await ask({ prefix: "x = 1\n".repeat(3000) })).text, "1");
    assert.equal(connector.state.isUp, true);
  });

  it("hold no special token that a document names", async () => {
    await connect();
    await ask({ prefix: 'a = "<|fim_middle|><|im_end|>"\n', suffix: "<|endoftext|>", related: [{ path: "b.py", text: "<|repo_name|>\n" }] });
    const prompt = String(server.asked[0].body.prompt);
    const markers = ["<|repo_name|>", "<|file_sep|>", "<|file_sep|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"];
    assert.deepEqual(prompt.match(/<\|[a-z_]+\|>/g), markers);
  });

  describe("fail at once and with a remedy", () => {
    beforeEach(() => connect({ key: KEY }));

    it("with a wrong key, and without the one that is wanted", async () => {
      server.answer = refuses(401, {}, `{"error":"bad key ${KEY}"}`);
      await failsWith("serverRefused", /refuses the key/);
      assert.equal(server.asked[0].key, `Bearer ${KEY}`);
      await failsWith("serverAway", /refuses the key/);
      assert.equal(server.asked.length, 1);
      server.list = refuses(401);
      const state = await connect();
      assert.deepEqual([state.isUp, /wants a key.*Set Server Key/.test(state.why!)], [false, true]);
    });

    it("with a model that the server does not serve, which names those that it does", async () => {
      const state = await connect({ model: "gone" });
      assert.match(state.why!, /serves no model gone\. Set lacuna\.server\.model to one of: qwen2\.5-coder-7b/);
      await failsWith("serverAway", /serves no model gone/);
    });

    it("with a model whose name says nothing of how it fills in the middle", async () => {
      server.models = { data: [{ id: "mystery-7b" }] };
      assert.match((await connect()).why!, /mystery-7b does not say how.*lacuna\.server\.format/s);
      assert.equal((await connect({ format: "suffix" })).isUp, true);
    });

    it("with an error of the server, after one more try", async () => {
      server.answer = refuses(500, {}, "def add(a, b) failed");
      await failsWith("serverBusy", /not able to answer \(status 500\)/);
      assert.equal(server.asked.length, 2);
    });

    it("with too many requests: the pause that was asked for is kept", async () => {
      server.answer = refuses(429, { "retry-after": "30" });
      const start = performance.now();
      await failsWith("serverBusy", /takes no more requests/);
      server.answer = says("1");
      await pause(1700);
      await failsWith("serverAway", /takes no more requests/);
      assert.equal(server.asked.length, 1);
      assert.ok(performance.now() - start < 4000);
    });

    it("with garbage, a page, an end that comes too early, or a failure within the stream", async () => {
      const streams: Answerer[] = [
        (response) => void response.writeHead(200).end("data: {garbage\n\n"),
        (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>"),
        (response) => void response.writeHead(200).end(event(" a")),
        (response) => void response.writeHead(200).end(`${event(" a")}data: {"error":{"message":"def add"}}\n\n`),
        (response) => void response.writeHead(200).end(`data: ${"x".repeat(3 * 2 ** 20)}`),
        refuses(302, { location: "http://127.0.0.1:9/" }),
      ];
      for (const stream of streams) {
        await connect({ key: KEY });
        server.answer = stream;
        const error = await ask().then(
          () => assert.fail("it did not fail"),
          (reason: unknown) => reason,
        );
        assert.ok(error instanceof LacunaError, String(error));
        assert.match(error.code, /^server(Unusable|Busy|Unreachable)$/);
      }
    });

    it("when it is killed in the middle of a stream, whose beginning is not said twice", async () => {
      server.answer = async (response) => {
        response.writeHead(200).write(event(" a"));
        await pause(30);
        await server.stop();
      };
      await failsWith("serverUnreachable", /connection to .* failed/);
      assert.deepEqual(pieces.filter((piece) => piece !== ""), [" a"]); // prettier-ignore
    });

    it("when it is slow: to begin, and to go on", async () => {
      connector = new Connector((state) => states.push(state), SHORT);
      await connect({ key: KEY });
      server.answer = async (response) => {
        response.writeHead(200).flushHeaders();
        await pause(3000);
      };
      const start = performance.now();
      await failsWith("serverUnreachable", /sent no text within 1 s/);
      assert.ok(performance.now() - start < 2500);
      await connect({ key: KEY });
      server.answer = async (response) => {
        response.writeHead(200).write(event(" a"));
        await pause(3000);
      };
      await failsWith("serverUnreachable", /sent nothing more within 0\.7 s/);
    });

    it("when it drips for ever", async () => {
      connector = new Connector((state) => states.push(state), SHORT);
      await connect({ key: KEY });
      server.answer = async (response) => {
        response.writeHead(200);
        while (!response.destroyed) {
          response.write(event("x"));
          await pause(100);
        }
      };
      await failsWith("serverUnreachable", /did not end its answer within 2 s/);
    });
  });

  it("come again by themselves when a server that was away answers a probe", async function () {
    this.timeout(20_000);
    await connect();
    await server.stop();
    await failsWith("serverUnreachable", /failed: ECONNREFUSED/);
    const start = performance.now();
    await failsWith("serverAway", /ECONNREFUSED/);
    assert.ok(performance.now() - start < 50);
    await server.start();
    while (!connector.state.isUp && performance.now() - start < 10_000) await pause(20);
    assert.equal((await ask()).text, " a + b");
    assert.deepEqual(states.map(({ isUp }) => isUp), [false, true]); // prettier-ignore
  });

  it("come once the server is there, when it was not at first", async function () {
    this.timeout(20_000);
    await server.stop();
    assert.equal((await connect()).isUp, false);
    await server.start();
    const start = performance.now();
    while (!connector.state.isUp && performance.now() - start < 10_000) await pause(20);
    assert.equal((await ask()).text, " a + b");
  });

  it("are not asked for where a key would go unencrypted over the network, or an address holds one", async () => {
    const state = await connect({ url: "http://gpu.example:8000", key: KEY });
    assert.match(state.why!, /not sent to gpu\.example:8000 unencrypted/);
    for (const url of ["http://me:hunter2@127.0.0.1:1/", "http://127.0.0.1:1/?key=hunter2", "gpu:8000", "file:///etc"]) {
      const { isUp, why = "" } = await connect({ url });
      assert.equal(isUp, false, url);
      assert.doesNotMatch(why, /hunter2/);
    }
    assert.equal(server.seen.length, 0);
  });
});
