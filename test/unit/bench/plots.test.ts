import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { infillingPlots } from "../../../bench/library/infillingPlots.js";
import { summarize, type RowResult } from "../../../bench/library/infillingBench.js";
import { drawSvg, writePlot } from "../../../bench/library/plot.js";
import { loadPlotLibrary } from "../../../bench/library/plotLibrary.js";

const result = (method: string, tokens: number, passes: number): RowResult => ({
  task: `t${tokens}`, function: `f${tokens}`, method, outcome: tokens % 2 === 0 ? "passed" : "failed", oneLineOutcome: "failed", isExact: false,
  editSimilarity: 0.5, tokens, trueTokens: 5, passes, ms: 20, middle: "",
}); // prettier-ignore

describe("plots", function () {
  this.timeout(60_000);
  const results = [result("auto", 4, 5), result("auto", 5, 6), result("ar", 8, 30), result("ar", 9, 40)];
  const summaries = ["auto", "ar"].map((method) =>
    summarize(
      method,
      results.filter((row) => row.method === method),
    ),
  );
  const [score, length] = infillingPlots(summaries, results);

  it("of infilling name every method and have a mark for each", async () => {
    const library = await loadPlotLibrary();
    const svg = await drawSvg(library, score.spec);
    assert.match(svg, /^<svg [\s\S]*<\/svg>$/);
    for (const method of ["auto", "ar"]) assert.ok(svg.includes(`>${method}<`), method);
    const without = await drawSvg(library, infillingPlots(summaries.slice(0, 1), results)[0].spec);
    assert.ok(!without.includes(">ar<"));
  });

  it("are written as SVG and as PNG, the same each time", async () => {
    const library = await loadPlotLibrary();
    const [first, second] = [0, 1].map(() => mkdtemp(path.join(os.tmpdir(), "lacuna-plot-")));
    const fonts = "node_modules/dejavu-fonts-ttf/ttf";
    for (const folder of [await first, await second]) await writePlot(library, length, folder, fonts);
    const png = await readFile(path.join(await first, `${length.name}.png`));
    assert.equal(png.subarray(1, 4).toString("latin1"), "PNG");
    assert.deepEqual(await readFile(path.join(await second, `${length.name}.png`)), png);
    assert.match(await readFile(path.join(await first, `${length.name}.svg`), "utf8"), /chosen against true length/);
  });
});
