import assert from "node:assert/strict";
import { FillSession, type FillListener, type FillSessionOptions } from "../../../src/fill/fillSession.js";
import type { FillRequest } from "../../../src/protocol/fillRequest.js";
import type { CanvasSlotText, InfillResult } from "../../../src/protocol/messages.js";

interface Asked {
  readonly around: { readonly prefix: string; readonly suffix: string };
  readonly request: FillRequest;
  readonly options: FillListener;
  readonly answer: (middle: string, alternatives?: readonly string[], tokens?: number) => Promise<void>;
  readonly cancelled: () => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const slots = (...texts: string[]): CanvasSlotText[] => texts.map((text) => ({ text, confidence: text === "" ? 0 : 0.5 }));

/** A session whose engine answers when the test says so. */
function begin(options: Partial<FillSessionOptions> = {}): { session: FillSession; asked: Asked[]; done: Promise<void> } {
  const asked: Asked[] = [];
  const session = new FillSession({
    text: "a ___ b ___ c",
    holes: [{ start: 2, end: 5 }, { start: 8, end: 11 }],
    maxTokens: 8,
    ask: (around, request, given) =>
      new Promise((resolve, reject) => {
        const result = (outcome: InfillResult["outcome"], middle: string, others: readonly string[], tokens: number): InfillResult => ({
          ...{ outcome, middle, tokens, passes: { verifier: 1, diffuser: 3 }, ms: 1, method: "auto", model: "m", device: "cpu" },
          alternatives: others.map((text) => ({ text, tokens: text.length, confidence: -1 })),
          length: { initial: tokens, final: tokens, candidates: [] },
        });
        asked.push({
          ...{ around, request, options: given },
          answer: (middle, alternatives = [], tokens = 3) => (resolve(result("done", middle, alternatives, tokens)), settle()),
          cancelled: () => (resolve(result("cancelled", "", [], 0)), settle()),
          fail: (error) => (reject(error), settle()),
        });
      }),
    ...options,
  }); // prettier-ignore
  return { session, asked, done: session.start() };
}

const shown = (session: FillSession): string[] => session.views.map((view) => view.slots.map(({ text }) => text).join(""));
const one = { text: "f()", holes: [{ start: 2, end: 2 }] };

describe("a fill", () => {
  it("fills one hole after the other, each knowing what came before", async () => {
    const { session, asked, done } = begin();
    assert.equal(asked.length, 1);
    assert.deepEqual(asked[0].around, { prefix: "a ", suffix: " b ___ c" });
    await asked[0].answer("X");
    assert.deepEqual(asked[1].around, { prefix: "a X b ", suffix: " c" });
    assert.equal(session.state, "filling");
    await asked[1].answer("Y");
    await done;
    assert.equal(session.state, "shown");
    assert.deepEqual(session.accept().map(({ hole, text }) => [hole.start, text]), [[2, "X"], [8, "Y"]]);
    assert.equal(session.state, "accepted");
  }); // prettier-ignore

  it("asks for one line where text stands behind the hole, and for any number elsewhere", async () => {
    const { asked } = begin({ text: "x = f()\ny = \n", holes: [{ start: 6, end: 6 }, { start: 12, end: 12 }] });
    await asked[0].answer("X");
    assert.deepEqual(asked.map(({ request }) => request.maxLines), [1, undefined]);
  }); // prettier-ignore

  it("shows the canvas as it settles, and the step before", async () => {
    const { session, asked } = begin(one);
    asked[0].options.onCanvas(slots("", "", "z"));
    asked[0].options.onCanvas(slots("x", "", "z"));
    const [view] = session.views;
    assert.deepEqual(view.slots, slots("x", "", "z"));
    assert.deepEqual(view.earlier, slots("", "", "z"));
    assert.equal(view.isFilling, true);
    asked[0].options.onCanvas(slots("x", "y", "z"));
    await asked[0].answer("xyz", ["abc"]);
    assert.deepEqual(session.views[0].slots, slots("x", "y", "z"));
    assert.deepEqual(session.views[0].place, [1, 2]);
  });

  it("shows the text where the last canvas says another", async () => {
    const { session, asked } = begin(one);
    asked[0].options.onCanvas(slots("\ufffd", "\ufffd"));
    await asked[0].answer("🦀\r\nx");
    assert.deepEqual(shown(session), ["🦀\nx"]);
    assert.deepEqual(session.accept()[0].text, "🦀\r\nx");
  });

  it("asks for one token more or less than is shown", async () => {
    const { session, asked } = begin(one);
    await asked[0].answer("xyz");
    assert.equal(session.longer(0), undefined);
    assert.deepEqual(asked[1].request, { seed: 0, temperature: 0, minTokens: 4, maxLines: 1 });
    assert.deepEqual(shown(session), ["xyz"]);
    await asked[1].answer("wxyz", [], 4);
    assert.deepEqual(shown(session), ["wxyz"]);
    assert.equal(session.shorter(0), undefined);
    assert.deepEqual(asked[2].request, { seed: 0, temperature: 0, maxTokens: 3, maxLines: 1 });
  });

  it("asks for one token more or less than the alternative that is shown has", async () => {
    const { session, asked } = begin(one);
    await asked[0].answer("xyz", ["lmnop"]);
    session.other(0, 1);
    session.longer(0);
    assert.equal(asked[1].request.minTokens, 6);
  });

  it("counts on while an earlier wish is still being filled, and cancels that", async () => {
    const { session, asked } = begin(one);
    await asked[0].answer("xyz");
    session.longer(0);
    session.longer(0);
    assert.equal(asked[1].options.signal.aborted, true);
    await asked[1].cancelled();
    assert.equal(asked[2].request.minTokens, 5);
    await asked[2].answer("vwxyz", [], 5);
    assert.deepEqual(shown(session), ["vwxyz"]);
    assert.equal(session.state, "shown");
  });

  it("says why there is nothing longer or shorter", async () => {
    const { session, asked } = begin(one);
    await asked[0].answer("xyz", [], 8);
    assert.match(session.longer(0) ?? "", /at most 8 tokens/);
    const short = begin(one);
    await short.asked[0].answer("x", [], 1);
    assert.match(short.session.shorter(0) ?? "", /cannot be shorter/);
    assert.equal(asked.length + short.asked.length, 2);
  });

  it("says why what was asked for changed nothing", async () => {
    const said: string[] = [];
    const { session, asked } = begin({ ...one, onNothingNew: (why) => said.push(why) });
    await asked[0].answer("xyz");
    session.longer(0);
    await asked[1].answer("xyz");
    session.shorter(0);
    await asked[2].answer("xyz");
    assert.deepEqual(said, ["Nothing longer was found: the text ends here.", "Nothing shorter was found."]);
  });

  it("goes through the alternatives at once, then asks for another by chance", async () => {
    const { session, asked } = begin(one);
    await asked[0].answer("x", ["y", "x"]);
    session.other(0, 1);
    assert.deepEqual(shown(session), ["y"]);
    assert.equal(asked.length, 1);
    session.other(0, 1);
    assert.ok(asked[1].request.temperature > 0);
    await asked[1].answer("z");
    assert.deepEqual(shown(session), ["z"]);
    assert.deepEqual(session.views[0].place, [3, 3]);
    session.other(0, -1);
    assert.deepEqual(shown(session), ["y"]);
  });

  it("shows a text by chance that is known already in its place", async () => {
    const { session, asked } = begin(one);
    await asked[0].answer("x", ["y"]);
    session.other(0, 1);
    session.other(0, 1);
    await asked[1].answer("x");
    assert.deepEqual(session.views[0].place, [1, 2]);
  });

  it("ends when it is dismissed, and cancels what runs", async () => {
    const { session, asked, done } = begin();
    await asked[0].answer("X");
    session.dismiss();
    assert.equal(asked[1].options.signal.aborted, true);
    await asked[1].cancelled();
    await done;
    assert.equal(session.state, "dismissed");
    assert.deepEqual(session.accept(), []);
    assert.equal(asked.length, 2);
  });

  it("ignores canvases that come after the end", async () => {
    const { session, asked } = begin(one);
    session.dismiss();
    asked[0].options.onCanvas(slots("late"));
    assert.deepEqual(shown(session), [""]);
  });

  it("keeps the texts it has when the engine fails later", async () => {
    const failures: unknown[] = [];
    const { session, asked, done } = begin({ onFailure: (error) => failures.push(error) });
    await asked[0].answer("X");
    await asked[1].fail(new Error("gone"));
    await done;
    assert.equal(failures.length, 1);
    assert.equal(session.state, "shown");
    assert.deepEqual(
      session.accept().map(({ text }) => text),
      ["X"],
    );
  });

  it("is over when nothing came of it", async () => {
    const { session, asked, done } = begin(one);
    await asked[0].answer("", [], 0);
    await done;
    assert.equal(session.state, "empty");
  });

  it("answers no wish for a length before it has a text, and says that this is why", async () => {
    const { session, asked, done } = begin();
    const both = (index: number): (string | undefined)[] => [session.longer(index), session.shorter(index)];
    const early = "The first text is not there yet.";
    assert.deepEqual([...both(0), ...both(1)], [early, early, early, early]);
    assert.equal(asked.length, 1);
    await asked[0].answer("x");
    assert.deepEqual(both(1), [early, early]);
    await asked[1].answer("", [], 0);
    await done;
    assert.equal(session.state, "shown");
    assert.deepEqual(both(1), ["There is no text here.", "There is no text here."]);
    session.dismiss();
    assert.deepEqual(both(0), ["The fill is over.", "The fill is over."]);
    assert.equal(asked.length, 2);
  });

  it("remembers wishes for another text until the fill is there, forwards and back", async () => {
    const { session, asked } = begin(one);
    session.other(0, 1);
    session.other(0, 1);
    session.other(0, -1);
    assert.equal(asked.length, 1);
    await asked[0].answer("x", ["y", "z"]);
    assert.deepEqual([shown(session), session.state, asked.length], [["y"], "shown", 1]);
    session.other(0, 1);
    session.other(0, 1);
    session.other(0, 1);
    await asked[1].answer("v");
    assert.deepEqual([shown(session), session.state, asked.length], [["v"], "filling", 3]);
    await asked[2].answer("w");
    assert.deepEqual([shown(session), session.views[0].place, session.state], [["w"], [5, 5], "shown"]);
  });

  it("forgets wishes for another text when the fill fails, finds nothing or ends", async () => {
    for (const end of [(asked: Asked) => asked.fail(new Error("gone")), (asked: Asked) => asked.answer("", [], 0)]) {
      const { session, asked } = begin(one);
      session.other(0, 1);
      await end(asked[0]);
      assert.deepEqual([session.state, asked.length], ["empty", 1]);
    }
    const { session, asked } = begin(one);
    session.other(0, 1);
    session.dismiss();
    await asked[0].cancelled();
    assert.deepEqual([session.state, asked.length], ["dismissed", 1]);
  });
});
