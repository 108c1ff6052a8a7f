import assert from "node:assert/strict";
import { median, nearestRank, quantile } from "../../../src/base/median.js";

describe("medians and quantiles", () => {
  it("are those of the sorted values", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(quantile([10, 20, 0], 0.75), 15);
    assert.equal(quantile([1], 0.9), 1);
  });

  it("by nearest rank are values that there are", () => {
    assert.equal(nearestRank([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0.9), 9);
    assert.equal(nearestRank([1], 0.9), 1);
  });
});
