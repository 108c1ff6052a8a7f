import assert from "node:assert/strict";
import os from "node:os";
import path from "node:path";
import { thisMachine } from "../../../src/models/machine.js";

describe("the home of a person", () => {
  const own = os.userInfo().homedir;
  const away = path.resolve("/somewhere/else");
  const table: [variables: Record<string, string | undefined>, home: string][] = [
    [{ HOME: away }, away],
    [{ USERPROFILE: away }, away],
    [{}, own],
    [{ HOME: "" }, own],
    [{ HOME: "." }, own],
  ];
  for (const [variables, home] of table) {
    it(`with ${JSON.stringify(variables)}`, () => assert.equal(thisMachine(variables).home, home));
  }
});
