import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { isUnplugged, powerSupplies } from "../../../src/machine/battery.js";
import { isRunningOnBattery } from "../../../src/machine/powerSupply.js";

type Files = Readonly<Record<string, Readonly<Record<string, string>>>>;

const MAINS = { type: "Mains", online: "1" };
const UNPLUGGED = { type: "Mains", online: "0" };
const DISCHARGING = { type: "Battery", status: "Discharging" };
const MOUSE = { type: "Battery", scope: "Device", status: "Discharging" };

/** Each row: a claim, the kernel's files, and whether the machine runs on battery. */
const ROWS: readonly (readonly [claim: string, files: Files, isOnBattery: boolean])[] = [
  ["a laptop without a plug does", { AC: UNPLUGGED, BAT0: DISCHARGING }, true],
  ["a laptop at its plug does not", { AC: MAINS, BAT0: { type: "Battery", status: "Charging" } }, false],
  ["a wireless mouse does not make a desktop one", { AC: MAINS, hidpp_battery_0: MOUSE }, false],
  ["nor does it where the system knows no plug", { hidpp_battery_0: MOUSE }, false],
  ["a mouse changes nothing for a laptop", { AC: UNPLUGGED, BAT0: DISCHARGING, hidpp_battery_0: MOUSE }, true],
  ["a battery that a weak charger does not fill does not", { "ucsi-source-psy": { type: "USB", online: "1" }, BAT0: DISCHARGING }, false],
  ["one of two batteries is enough", { AC: UNPLUGGED, BAT0: { type: "Battery", status: "Full" }, BAT1: DISCHARGING }, true],
  ["a full battery alone does not", { BAT0: { type: "Battery", status: "Full" } }, false],
  ["a machine whose emergency supply has taken over does", { ups: { type: "UPS", status: "Discharging" } }, true],
  ["no supply does not", {}, false],
];

describe("a machine on battery", () => {
  for (const [claim, files, expected] of ROWS) {
    it(claim, async () => {
      const folder = mkdtempSync(path.join(os.tmpdir(), "supplies-"));
      for (const [name, values] of Object.entries(files)) {
        mkdirSync(path.join(folder, name));
        for (const [what, value] of Object.entries(values)) writeFileSync(path.join(folder, name, what), `${value}\n`);
      }
      assert.equal(isRunningOnBattery(await powerSupplies(folder)), expected);
    });
  }

  it("is what Windows says of every battery", () => {
    assert.deepEqual(["False\r\n", "True\r\n", "False\r\nTrue\r\n", "False\r\nFalse\r\n", "", "\r\n"].map(isUnplugged), [
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
  });
});
