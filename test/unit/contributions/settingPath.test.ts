import assert from "node:assert/strict";
import path from "node:path";
import { settingPath, type PathSources } from "../../../src/contributions/settingPath.js";

const POSIX: PathSources = {
  home: "/home/ada",
  workspaceFolder: "/w/app",
  variable: (name) => ({ MODELS: "/data/models" })[name],
  isAbsolute: path.posix.isAbsolute,
  join: path.posix.join,
};
const WINDOWS: PathSources = {
  ...POSIX,
  home: "C:\\Users\\ada",
  workspaceFolder: "C:\\w",
  isAbsolute: path.win32.isAbsolute,
  join: path.win32.join,
};

const ROWS: readonly (readonly [value: string, sources: PathSources, expected: string])[] = [
  ["", POSIX, ""],
  ["/data/m", POSIX, "/data/m"],
  [" /data/m ", POSIX, "/data/m"],
  ["~", POSIX, "/home/ada"],
  ["~/models", POSIX, "/home/ada/models"],
  ["~other/models", POSIX, "/w/app/~other/models"],
  ["${userHome}/models", POSIX, "/home/ada/models"],
  ["${workspaceFolder}/models", POSIX, "/w/app/models"],
  ["${env:MODELS}/qwen", POSIX, "/data/models/qwen"],
  ["${env:NOTHING}/qwen", POSIX, "${env:NOTHING}/qwen"],
  ["models", POSIX, "/w/app/models"],
  ["./models", POSIX, "/w/app/models"],
  ["../models", POSIX, "/w/models"],
  ["models", { ...POSIX, workspaceFolder: undefined }, "models"],
  ["${workspaceFolder}/models", { ...POSIX, workspaceFolder: undefined }, "${workspaceFolder}/models"],
  ["~\\models", WINDOWS, "C:\\Users\\ada\\models"],
  ["D:\\models", WINDOWS, "D:\\models"],
  ["models", WINDOWS, "C:\\w\\models"],
];

describe("a path in a setting", () => {
  for (const [value, sources, expected] of ROWS) {
    it(`${JSON.stringify(value)} is ${JSON.stringify(expected)}`, () => assert.equal(settingPath(value, sources), expected));
  }
});
