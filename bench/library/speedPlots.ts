import type { PassCurvePoint } from "./passCurve.js";
import type { Plot } from "./plot.js";
import { speedOn, timedRows, type RacerSummary, type SpeedGroup } from "./speedSummary.js";
import type { Racer } from "../../src/measure/race.js";
import { BASELINE, type SpeedRow } from "./speedTrial.js";

/** Speed-ups, tokens a verify, time by stage, the pass-time curve, and "auto" against the best in hindsight. */
export function speedPlots(
  groups: readonly SpeedGroup[],
  curve: readonly PassCurvePoint[],
  racers: readonly Racer[],
  rows: readonly SpeedRow[],
): Plot[] {
  return [ratioPlot(groups), acceptancePlot(groups), stagePlot(groups), curvePlot(curve), ...hindsightPlot(racers, rows)];
}

const setOf = ({ context, temperature }: { readonly context: number; readonly temperature: number }): string =>
  `${context} tokens around, temperature ${temperature}`;

/** Values of each racer in each group. */
function eachRacer<T>(groups: readonly SpeedGroup[], valuesOf: (racer: RacerSummary) => readonly T[]): (T & { set: string; racer: string })[] {
  return groups.flatMap((group) =>
    group.racers.flatMap((summary) => valuesOf(summary).map((value) => ({ ...value, set: setOf(group), racer: summary.racer }))),
  );
}

function ratioPlot(groups: readonly SpeedGroup[]): Plot {
  const values = eachRacer(groups, ({ racer, ratio }) =>
    ratio === undefined || racer === BASELINE ? [] : [{ median: ratio.median, low: ratio.interval.low, high: ratio.interval.high }],
  );
  const x = { field: "racer", type: "nominal" as const, sort: null, title: null };
  const y = { type: "quantitative", title: "times as fast as ar (median, 95 % interval)", scale: { zero: true } } as const;
  return {
    name: "speed-up",
    spec: {
      title: "Speed-up over plain one-token decoding, by prompt",
      data: { values },
      facet: { field: "set", type: "nominal", title: null },
      columns: 3,
      spec: {
        width: 200,
        height: 220,
        layer: [
          { mark: { type: "rule", color: "#999999", strokeDash: [4, 4] }, encoding: { y: { datum: 1 } } },
          { mark: { type: "rule" }, encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } } },
          { mark: { type: "point", filled: true, size: 70 }, encoding: { x, y: { ...y, field: "median" } } },
        ],
      },
    },
  };
}

function acceptancePlot(groups: readonly SpeedGroup[]): Plot {
  const values = eachRacer(groups, ({ racer, verifiesByTokens }) => {
    const verifies = verifiesByTokens.reduce((sum, count) => sum + count, 0);
    return racer === BASELINE ? [] : verifiesByTokens.map((count, tokens) => ({ tokens, share: count / Math.max(1, verifies) }));
  });
  return {
    name: "tokens-a-verify",
    spec: {
      title: "Tokens that one verify gives",
      data: { values },
      mark: { type: "bar" },
      width: 200,
      height: 110,
      encoding: {
        x: { field: "tokens", type: "ordinal", title: "tokens", axis: { labelOverlap: true, labelAngle: 0 } },
        y: { field: "share", type: "quantitative", title: "share of verifies", axis: { format: ".0%" } },
        row: { field: "racer", type: "nominal", sort: null, title: null },
        column: { field: "set", type: "nominal", title: null },
      },
    },
  };
}

function stagePlot(groups: readonly SpeedGroup[]): Plot {
  const values = eachRacer(groups, ({ stages }) => Object.entries(stages).map(([stage, ms]) => ({ stage, ms })));
  return {
    name: "time-by-stage",
    spec: {
      title: "Where the time of a token goes",
      data: { values },
      mark: { type: "bar" },
      width: 200,
      height: 220,
      encoding: {
        x: { field: "racer", type: "nominal", sort: null, title: null },
        y: { field: "ms", type: "quantitative", title: "milliseconds a token" },
        color: { field: "stage", type: "nominal", title: null },
        column: { field: "set", type: "nominal", title: null },
      },
    },
  };
}

function curvePlot(curve: readonly PassCurvePoint[]): Plot {
  return {
    name: "pass-time",
    spec: {
      title: "What a pass over m tokens costs",
      width: 420,
      height: 280,
      data: { values: curve.map((point) => ({ ...point, context: `${point.context} tokens before` })) },
      mark: { type: "line", point: true },
      encoding: {
        x: { field: "tokens", type: "quantitative", title: "tokens in the pass, m" },
        y: { field: "verifyRatio", type: "quantitative", title: "t(m) / t(1) of the verifier" },
        color: { field: "context", type: "nominal", sort: null, title: null },
      },
    },
  };
}

function hindsightPlot(racers: readonly Racer[], rows: readonly SpeedRow[]): Plot[] {
  const fixed = racers.filter(({ decoder, block }) => decoder === "deer" && block !== "auto").map(({ name }) => name);
  const auto = racers.find(({ decoder, block }) => decoder === "deer" && block === "auto")?.name;
  if (auto === undefined || fixed.length === 0) return [];
  const bestOn = (row: SpeedRow): number => Math.max(...fixed.map((racer) => speedOn(row, racer)));
  const values = timedRows(rows).map((row) => ({ best: bestOn(row), auto: speedOn(row, auto), set: setOf(row) }));
  const top = Math.max(1, ...values.map((value) => Math.max(value.best, value.auto)));
  const diagonal = { x: { datum: 0 }, y: { datum: 0 }, x2: { datum: top }, y2: { datum: top } };
  const spec = {
    title: "The draft length the engine chose against the best in hindsight",
    width: 320,
    height: 320,
    data: { values },
    layer: [
      { mark: { type: "rule" as const, color: "#999999", strokeDash: [4, 4] }, encoding: diagonal },
      {
        mark: { type: "point" as const, filled: true },
        encoding: {
          x: { field: "best", type: "quantitative" as const, title: "best fixed length, tokens/s" },
          y: { field: "auto", type: "quantitative" as const, title: "auto, tokens/s" },
          color: { field: "set", type: "nominal" as const, title: null },
        },
      },
    ],
  };
  return [{ name: "auto-against-hindsight", spec }];
}
