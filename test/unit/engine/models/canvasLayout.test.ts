import assert from "node:assert/strict";
import { canvasLayout } from "../../../../src/engine/models/canvasLayout.js";

/** Which keys each row sees, as text: `x` seen, `.` hidden. */
function picture(bias: Float32Array, keys: number): string[] {
  return Array.from({ length: bias.length / keys }, (_, row) =>
    Array.from(bias.subarray(row * keys, (row + 1) * keys), (value) => (value === 0 ? "x" : ".")).join(""),
  );
}

describe("canvasLayout", () => {
  // Two cached tokens, two new ones, a canvas of two slots and a tail, a canvas of one slot, one padding row.
  const layout = canvasLayout(
    2,
    2,
    [
      { slots: [4, 4], tail: [6] },
      { slots: [4], tail: [] },
    ],
    7,
  );

  it("lets context see what is before it, canvases the context and themselves, padding one key", () => {
    assert.deepEqual(picture(layout.bias, 9), [
      "xxx......",
      "xxxx.....",
      "xxxxxxx..",
      "xxxxxxx..",
      "xxxxxxx..",
      "xxxx...x.",
      "x........",
    ]);
  });

  it("starts every canvas at the position behind the context", () => {
    assert.deepEqual([...layout.positions].map(Number), [2, 3, 4, 5, 6, 4, 0]);
  });

  it("wants the logits of slots, not of tails", () => {
    assert.deepEqual(layout.rows, [2, 3, 5]);
  });
});
