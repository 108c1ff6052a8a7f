import type { MethodSummary, RowResult } from "./infillingBench.js";
import type { Plot } from "./plot.js";

/** Score against passes, and the length chosen against the true one. */
export function infillingPlots(summaries: readonly MethodSummary[], results: readonly RowResult[]): Plot[] {
  return [scorePlot(summaries), lengthPlot(results)];
}

function scorePlot(summaries: readonly MethodSummary[]): Plot {
  const values = summaries.map(({ method, pass1, pass1Interval: { low, high }, meanPasses }) => ({ method, pass1, low, high, meanPasses }));
  const x = { field: "meanPasses", type: "quantitative", scale: { type: "log" }, title: "forward passes a hole (mean, logarithmic)" } as const;
  const y = { type: "quantitative", scale: { zero: false }, axis: { format: ".0%" }, title: "tests passed (95 % interval)" } as const;
  return {
    name: "score-against-passes",
    spec: {
      title: "Infilling: tests passed against forward passes",
      width: 480,
      height: 320,
      data: { values },
      encoding: { x, color: { field: "method", type: "nominal", title: null }, shape: { field: "method", type: "nominal", title: null } },
      layer: [
        { mark: { type: "rule" }, encoding: { y: { ...y, field: "low" }, y2: { field: "high" } } },
        { mark: { type: "point", filled: true, size: 90 }, encoding: { y: { ...y, field: "pass1" } } },
      ],
    },
  };
}

function lengthPlot(results: readonly RowResult[]): Plot {
  const counts = new Map<string, { method: string; trueTokens: number; tokens: number; rows: number }>();
  for (const { method, trueTokens, tokens } of results) {
    const key = `${method} ${trueTokens} ${tokens}`;
    const seen = counts.get(key)?.rows ?? 0;
    counts.set(key, { method, trueTokens, tokens, rows: seen + 1 });
  }
  const longest = Math.max(1, ...results.map(({ trueTokens, tokens }) => Math.max(trueTokens, tokens)));
  const scale = { domain: [0, longest] };
  const x = { field: "trueTokens", type: "quantitative" as const, title: "tokens of the true middle", scale };
  const y = { field: "tokens", type: "quantitative" as const, title: "tokens chosen", scale };
  const diagonal = { x: { datum: 0 }, y: { datum: 0 }, x2: { datum: longest }, y2: { datum: longest } };
  return {
    name: "chosen-against-true-length",
    spec: {
      title: "Infilling: chosen against true length",
      data: { values: [...counts.values()] },
      facet: { field: "method", type: "nominal", title: null },
      columns: 3,
      spec: {
        width: 220,
        height: 220,
        layer: [
          { mark: { type: "rule", color: "#999999", strokeDash: [4, 4] }, encoding: diagonal },
          {
            mark: { type: "circle", opacity: 0.5, color: "#1f5a96" },
            encoding: { x, y, size: { field: "rows", type: "quantitative", title: "rows", scale: { rangeMax: 300 }, legend: { tickMinStep: 1 } } },
          },
        ],
      },
    },
  };
}
