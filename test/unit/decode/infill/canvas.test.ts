import assert from "node:assert/strict";
import fc from "fast-check";
import { Canvas } from "../../../../src/decode/infill/canvas.js";

const NONE = undefined;

function canvasOf(slots: readonly (number | undefined)[], maxSlots = 16, growthBudget = 16): Canvas {
  const canvas = new Canvas(slots.length, maxSlots, growthBudget);
  slots.forEach((token, slot) => token !== undefined && canvas.commit(slot, token));
  return canvas;
}

function tokensOf(canvas: Canvas): (number | undefined)[] {
  return canvas.slots.map(({ token }) => token);
}

describe("Canvas", () => {
  it("delete removes the slot and shifts later commits left", () => {
    const canvas = canvasOf([1, NONE, NONE, 2, NONE, 3]);
    canvas.delete(2);
    assert.deepEqual(tokensOf(canvas), [1, NONE, 2, 3]);
  });

  it("expand puts a second undecided slot beside the first", () => {
    const canvas = canvasOf([1, NONE, 2]);
    assert.equal(canvas.expand(1), true);
    assert.deepEqual(tokensOf(canvas), [1, NONE, NONE, 2]);
  });

  it("expand changes nothing when the canvas is full or its growth is spent", () => {
    const full = canvasOf([NONE, 1], 2);
    assert.equal(full.expand(0), false);
    const spent = canvasOf([NONE], 16, 1);
    assert.equal(spent.expand(0), true);
    assert.equal(spent.expand(0), false);
    assert.deepEqual(
      [tokensOf(full), tokensOf(spent)],
      [
        [NONE, 1],
        [NONE, NONE],
      ],
    );
  });

  it("resizeTail takes the last undecided slots and adds at the end", () => {
    const canvas = canvasOf([NONE, 1, NONE, 2, NONE]);
    assert.equal(canvas.resizeTail(1), 1);
    assert.deepEqual(tokensOf(canvas), [NONE, 1, 2]);
    assert.equal(canvas.resizeTail(3), 3);
    assert.deepEqual(tokensOf(canvas), [NONE, 1, 2, NONE, NONE]);
  });

  it("resizeTail grows no further than the slots there may be", () => {
    const canvas = canvasOf([1, NONE], 4);
    assert.equal(canvas.resizeTail(9), 3);
    assert.deepEqual(tokensOf(canvas), [1, NONE, NONE, NONE]);
  });

  it("resizing to any length before each commit never runs out of growth by default", () => {
    const canvas = new Canvas(0, 12);
    for (let committed = 0; committed < 12; committed += 1) {
      assert.equal(canvas.resizeTail(0), 0);
      assert.equal(canvas.resizeTail(12 - committed), 12 - committed);
      canvas.commitLeftmost(committed);
    }
    assert.deepEqual(
      canvas.committed,
      Array.from({ length: 12 }, (_, index) => index),
    );
  });

  it("refuses to decide, expand or delete a committed slot or one that is not there", () => {
    const canvas = canvasOf([5, NONE]);
    for (const slot of [0, 2, -1]) {
      assert.throws(() => canvas.commit(slot, 7), /not undecided/);
      assert.throws(() => canvas.expand(slot), /not undecided/);
      assert.throws(() => canvas.delete(slot), /not undecided/);
    }
    assert.throws(() => canvasOf([1]).commitLeftmost(2), /not undecided/);
    assert.deepEqual(tokensOf(canvas), [5, NONE]);
  });

  it("keeps committed tokens in order and ends, under any sequence of operations", () => {
    const operation = fc.record({
      kind: fc.constantFrom("commit", "commitLeftmost", "expand", "delete", "resizeTail"),
      at: fc.nat(),
      size: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10), fc.nat(12), fc.array(operation, { minLength: 20, maxLength: 120 }), (start, room, growth, operations) => {
        const canvas = new Canvas(start, start + room, growth);
        let changes = 0;
        let nextToken = 0;
        for (const { kind, at, size } of operations) {
          const slotsBefore = [...tokensOf(canvas)];
          const undecided = slotsBefore.flatMap((token, slot) => (token === undefined ? [slot] : []));
          if (undecided.length === 0 && kind !== "resizeTail") continue;
          const slot = undecided[at % Math.max(1, undecided.length)];
          const before = canvas.committed;
          if (kind === "commit") canvas.commit(slot, nextToken++);
          else if (kind === "commitLeftmost") canvas.commitLeftmost(nextToken++);
          else if (kind === "expand") canvas.expand(slot);
          else if (kind === "delete") canvas.delete(slot);
          else canvas.resizeTail(size);
          const isCommit = kind === "commit" || kind === "commitLeftmost";
          const kept = isCommit ? canvas.committed.filter((token) => token !== nextToken - 1) : canvas.committed;
          assert.deepEqual(kept, before);
          assert.equal(canvas.committed.length, before.length + (isCommit ? 1 : 0));
          assert.ok(canvas.slots.length <= start + room);
          assert.equal(canvas.undecided, canvas.slots.length - canvas.committed.length);
          if (!isDeepEqual(slotsBefore, tokensOf(canvas))) changes += 1;
        }
        assert.ok(changes <= start + 2 * growth, `${changes} changes from ${start} slots and ${growth} of growth`);
      }),
    );
  });
});

function isDeepEqual(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
