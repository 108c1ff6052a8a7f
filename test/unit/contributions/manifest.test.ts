import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { COMMANDS, manifestCommands, manifestPalette } from "../../../src/contributions/commandTable.js";
import { manifestProperties, SETTINGS } from "../../../src/contributions/settingsTable.js";
import { filesBelow } from "../../tidy/filesBelow.js";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: { readonly commandPalette: readonly object[] };
    readonly configuration: { readonly properties: Readonly<Record<string, object>> };
    readonly walkthroughs: readonly { readonly steps: readonly { readonly completionEvents: readonly string[] }[] }[];
    readonly keybindings: readonly { readonly command: string }[];
  };
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
}

const { contributes, capabilities } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const sources = filesBelow("src/host", ".ts").map((file) => readFileSync(file, "utf8"));

describe("the manifest and the code", () => {
  it("have the same settings, with the same types, defaults, ranges and words", () => {
    assert.deepEqual(contributes.configuration.properties, manifestProperties());
  });

  it("have the same commands, in the palette the same ones", () => {
    assert.deepEqual(contributes.commands, manifestCommands());
    assert.deepEqual(contributes.menus.commandPalette, manifestPalette());
  });

  it("name a unit for each number, and its range", () => {
    for (const [key, entry] of Object.entries(SETTINGS)) {
      if (typeof entry.default === "number") assert.ok("unit" in entry && "range" in entry, key);
    }
  });

  it("let no folder that is not trusted say where a path leads", () => {
    const paths = Object.keys(SETTINGS).filter((key) => /path$/i.test(key));
    assert.ok(paths.length > 0);
    const restricted = Object.entries(SETTINGS).filter(([, entry]) => "isRestricted" in entry && entry.isRestricted);
    assert.deepEqual(
      capabilities.untrustedWorkspaces.restrictedConfigurations,
      restricted.map(([key]) => `lacuna.${key}`),
    );
    for (const key of paths) assert.ok(capabilities.untrustedWorkspaces.restrictedConfigurations.includes(`lacuna.${key}`), key);
  });

  it("bind keys to commands that there are", () => {
    for (const { command } of contributes.keybindings) assert.ok(command in COMMANDS, command);
  });

  it("tick a step of the walkthrough for what has happened, each for another thing", () => {
    const events = contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ completionEvents }) => completionEvents));
    const milestones = [...readFileSync("src/host/milestones.ts", "utf8").matchAll(/"(lacuna\.\w+)"/g)].map(([, milestone]) => milestone);
    assert.deepEqual(
      events,
      milestones.map((milestone) => [`onContext:${milestone}`]),
    );
    const reached = milestones.filter((milestone) => sources.some((text) => text.includes(`reachMilestone("${milestone}")`)));
    assert.deepEqual(reached, milestones);
  });

  it("register each command once", () => {
    const counts = Object.keys(COMMANDS).map((id) => sources.filter((text) => text.includes(`onCommand("${id}"`)).length);
    assert.deepEqual(
      counts,
      counts.map(() => 1),
      JSON.stringify(Object.keys(COMMANDS).filter((_id, index) => counts[index] !== 1)),
    );
  });

  it("read configuration in one place", () => {
    const readers = filesBelow("src/host", ".ts").filter((file) => readFileSync(file, "utf8").includes("getConfiguration"));
    assert.deepEqual(readers, ["src/host/settings.ts"]);
  });
});
