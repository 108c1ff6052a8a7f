import assert from "node:assert/strict";
import { opensInVain } from "../../../src/syntax/opensInVain.js";

describe("a block opened in vain", () => {
  it("is one whose first line is no deeper than what opened it", () => {
    assert.ok(opensInVain("def f():\n    if x:\n", "    return y\n"));
    assert.ok(opensInVain("def f():\n    else:  # now\n\n", "    return y\n"));
    assert.ok(opensInVain("    while a[1:2]:", "\n\n    b\n"));
  });

  it("is none that goes on deeper, and none where no line opens one", () => {
    assert.ok(!opensInVain("def f():\n    if x:\n", "        return y\n"));
    assert.ok(!opensInVain("    x = {1: 2}\n", "    return y\n"));
    assert.ok(!opensInVain("    # note:\n", "    return y\n"));
    assert.ok(!opensInVain("    if x:", " return y\n"));
    assert.ok(!opensInVain("    if x:\n", ""));
    assert.ok(!opensInVain("", "x"));
  });
});
