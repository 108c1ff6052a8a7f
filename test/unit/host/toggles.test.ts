import assert from "node:assert/strict";
import type { Settings } from "../../../src/host/settings.js";
import type { registerToggles } from "../../../src/host/toggles.js";
import { loadHost } from "./loadHost.js";

interface Host {
  readonly Settings: new () => Settings;
  readonly registerToggles: typeof registerToggles;
  readonly editor: typeof import("./settingsStub.js");
}

type Files = Partial<Host["editor"]["files"]>;

async function setUp(files: Files) {
  const { Settings, registerToggles, editor } = await loadHost<Host>(
    { "host/settings": "Settings", "host/toggles": "registerToggles" },
    "settingsStub.ts",
  );
  Object.assign(editor.files, { default: { languages: { "*": true } } }, files);
  const settings = new Settings();
  registerToggles(settings);
  return { editor, settings, run: (id: string) => editor.commands.executeCommand(id) };
}

/** What a toggle leaves in the two files that can be written. */
async function toggled(id: string, files: Files): Promise<object> {
  const { editor, run } = await setUp(files);
  await run(id);
  assert.deepEqual(editor.said, []);
  return { user: editor.files.user, workspace: editor.files.workspace };
}

describe("a toggle", () => {
  it("has its effect where the workspace sets the value, and leaves the person's settings alone", async () => {
    const { settings, run, editor } = await setUp({ user: { enabled: true }, workspace: { enabled: false } });
    await run("lacuna.toggle");
    assert.equal(settings.get("enabled"), true);
    assert.deepEqual([editor.files.user, editor.files.workspace], [{ enabled: true }, { enabled: true }]);
    await run("lacuna.toggle");
    assert.equal(settings.get("enabled"), false);
    await settings.set("pauseOnBattery", true);
    assert.deepEqual([editor.files.user, editor.files.workspace], [{ enabled: true, pauseOnBattery: true }, { enabled: false }]);
  });

  it("writes the person's settings where the workspace says nothing", async () => {
    assert.deepEqual(await toggled("lacuna.toggle", {}), { user: { enabled: false }, workspace: {} });
  });

  it("changes the one language, in the file that its value comes from", async () => {
    const cases: [Files, object][] = [
      [{ workspace: { languages: { markdown: false } } }, { user: { languages: { python: false } }, workspace: { languages: { markdown: false } } }],
      [{ user: { languages: { go: false } } }, { user: { languages: { go: false, python: false } }, workspace: {} }],
      [
        { user: { languages: { python: true } }, workspace: { languages: { python: false, go: false } } },
        { user: { languages: { python: true } }, workspace: { languages: { python: true, go: false } } },
      ],
      [{ workspace: { languages: { "*": false } } }, { user: { languages: { python: true } }, workspace: { languages: { "*": false } } }],
      [{ user: { languages: "none" } }, { user: { languages: { python: false } }, workspace: {} }],
    ];
    for (const [files, expected] of cases) assert.deepEqual(await toggled("lacuna.toggleLanguage", files), expected);
  });

  it("says so where it has no effect", async () => {
    const { editor, run } = await setUp({ remote: { enabled: false, languages: { python: false } } });
    await run("lacuna.toggle");
    await run("lacuna.toggleLanguage");
    assert.deepEqual(
      editor.said.map((sentence) => sentence.slice(0, sentence.indexOf(":"))),
      ["lacuna.enabled was set, without effect", "lacuna.languages was set, without effect"],
    );
  });
});
