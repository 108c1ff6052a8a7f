import assert from "node:assert/strict";
import type { EditorRequests } from "../../../src/client/editorRequests.js";
import type { FillMiddle } from "../../../src/host/fillMiddle.js";
import { settle } from "../suggest/scriptedCompleter.js";
import { loadHost } from "./loadHost.js";

interface Host {
  readonly FillMiddle: new (requests: EditorRequests) => FillMiddle;
  readonly editor: typeof import("./fillStub.js");
}

/** A fill in an editor, whose engine never answers. */
async function setUp() {
  const { FillMiddle, editor: stub } = await loadHost<Host>({ "host/fillMiddle": "FillMiddle" }, "fillStub.ts");
  stub.document.text = "value = \n";
  let asked = 0;
  const fill = (): Promise<never> => {
    asked += 1;
    return new Promise(() => {});
  };
  const command = new FillMiddle({ maxTokens: 8, fill } as unknown as EditorRequests);
  const begin = (): void => void stub.commands.executeCommand("lacuna.fillMiddle");
  /** Lets all look at their files. */
  const look = async (): Promise<void> => {
    await settle();
    for (const each of stub.looks.splice(0)) each();
    await settle();
  };
  return { stub, command, begin, look, asked: () => asked };
}

describe("the fill command in an editor", () => {
  it("opens one fill, however quickly it is run again", async () => {
    const { stub, begin, look, asked } = await setUp();
    begin();
    begin();
    await look();
    assert.deepEqual([asked(), stub.painted.size, stub.contexts.get("lacuna.filling")], [1, 2, true]);
    begin();
    await look();
    await stub.commands.executeCommand("lacuna.fill.discard");
    assert.deepEqual([asked(), stub.painted.size, stub.contexts.get("lacuna.filling")], [2, 0, false]);
  });

  it("opens none where the editor is gone, the document was closed or changed, or the extension ended meanwhile", async () => {
    const meanwhile: ((all: Awaited<ReturnType<typeof setUp>>) => void)[] = [
      ({ stub }) => void stub.window.visibleTextEditors.pop(),
      ({ stub }) => void Object.assign(stub.document, { isClosed: true }),
      ({ stub }) => stub.edit(0, 0, "x", true),
      ({ command }) => command.dispose(),
    ];
    for (const [index, happens] of meanwhile.entries()) {
      const all = await setUp();
      all.begin();
      await settle();
      happens(all);
      await all.look();
      assert.deepEqual([all.asked(), all.stub.painted.size, all.stub.said], [0, 0, []], `case ${index}`);
    }
  });

  it("has no keys when it is made, whatever an extension host said that has crashed since", async () => {
    const { stub } = await setUp();
    assert.equal(stub.contexts.get("lacuna.filling"), false);
  });
});
