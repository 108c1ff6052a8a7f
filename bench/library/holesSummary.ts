import { meanInterval, type Interval } from "./bootstrap.js";
import type { HoleFill } from "./holesBench.js";
import { median } from "../../src/base/median.js";
import type { Plot } from "./plot.js";

export interface HolesShare {
  readonly holes: number;
  readonly passed: number;
  /** 95 %, by bootstrap over files; over the holes where all are of one. */
  readonly interval: Interval;
}

export interface HolesSummary {
  readonly method: string;
  readonly all: HolesShare;
  readonly byKind: Readonly<Record<string, HolesShare>>;
  /** By tokens of what was cut out. */
  readonly byLength: Readonly<Record<string, HolesShare>>;
  readonly exact: number;
  readonly editSimilarity: number;
  readonly meanPasses: number;
  readonly medianMs: number;
}

const LENGTHS: readonly [name: string, least: number, most: number][] = [
  ["3 to 8", 3, 8],
  ["9 to 16", 9, 16],
  ["17 to 32", 17, 32],
  ["33 to 64", 33, 64],
];

/** @param fills of one method, at least one */
export function summarizeHoles(method: string, fills: readonly HoleFill[]): HolesSummary {
  const mean = (valueOf: (fill: HoleFill) => number): number => fills.reduce((sum, fill) => sum + valueOf(fill), 0) / fills.length;
  const shares = (parts: readonly [string, readonly HoleFill[]][]): Record<string, HolesShare> =>
    Object.fromEntries(parts.filter(([, part]) => part.length > 0).map(([name, part]) => [name, shareOf(part)]));
  return {
    method,
    all: shareOf(fills),
    byKind: shares(["statement", "block"].map((kind) => [kind, fills.filter((fill) => fill.kind === kind)])),
    byLength: shares(LENGTHS.map(([name, least, most]) => [name, fills.filter(({ trueTokens }) => trueTokens >= least && trueTokens <= most)])),
    exact: mean(({ isExact }) => Number(isExact)),
    editSimilarity: mean(({ editSimilarity }) => editSimilarity),
    meanPasses: mean(({ passes }) => passes),
    medianMs: median(fills.map(({ ms }) => ms)),
  };
}

function shareOf(fills: readonly HoleFill[]): HolesShare {
  const passes = ({ outcome }: HoleFill): number => Number(outcome === "passed");
  const passed = fills.reduce((sum, fill) => sum + passes(fill), 0) / fills.length;
  const ofOneFile = new Set(fills.map(({ file }) => file)).size === 1;
  const interval = meanInterval(
    [...fills.entries()],
    ([index, { file }]) => (ofOneFile ? String(index) : file),
    ([, fill]) => passes(fill),
  );
  return { holes: fills.length, passed, interval };
}

/** Share of holes whose tests pass, by method and by length. */
export function holesPlots(summaries: readonly HolesSummary[]): Plot[] {
  const y = { type: "quantitative", title: "tests passed (95 % interval)", axis: { format: ".0%" }, scale: { domainMin: 0 } } as const;
  const bars = (field: string, sort: string[] | null, title: string | null) => {
    const x = { field, type: "nominal" as const, sort, title, axis: { labelAngle: 0 } };
    return [
      { mark: { type: "rule" as const }, encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } } },
      { mark: { type: "point" as const, filled: true, size: 70 }, encoding: { x, y: { ...y, field: "passed" } } },
    ];
  };
  const values = summaries.map(({ method, all: { passed, interval } }) => ({ method, passed, ...interval }));
  const lengths = summaries.flatMap(({ method, byLength }) =>
    Object.entries(byLength).map(([length, { passed, interval }]) => ({ method, length, passed, ...interval })),
  );
  return [
    {
      name: "passed-by-method",
      spec: { title: "Holes in a repository: tests passed, by method", width: 420, height: 260, data: { values }, layer: bars("method", null, null) },
    },
    {
      name: "passed-by-length",
      spec: {
        title: "Holes in a repository: tests passed, by length",
        data: { values: lengths },
        facet: { column: { field: "method", type: "nominal", title: null } },
        spec: {
          width: 220,
          height: 200,
          layer: bars(
            "length",
            LENGTHS.map(([name]) => name),
            "tokens cut out",
          ),
        },
      },
    },
  ];
}
