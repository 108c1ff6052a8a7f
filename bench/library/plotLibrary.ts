import type { Resvg } from "@resvg/resvg-js";
import type { parse, View } from "vega";
import type { compile } from "vega-lite";
import { LacunaError } from "../../src/protocol/errors.js";

/** What draws plots: development packages, which the extension does not carry. */
export interface PlotLibrary {
  readonly compile: typeof compile;
  readonly parse: typeof parse;
  readonly View: typeof View;
  readonly Resvg: typeof Resvg;
}

/** @throws LacunaError `packageMissing` */
export async function loadPlotLibrary(): Promise<PlotLibrary> {
  try {
    const [{ compile }, { parse, View }, { Resvg }] = await Promise.all([import("vega-lite"), import("vega"), import("@resvg/resvg-js")]);
    return { compile, parse, View, Resvg };
  } catch (cause) {
    const remedy = "Run `npm install vega vega-lite @resvg/resvg-js dejavu-fonts-ttf`, or measure without pictures: --no-plots.";
    throw new LacunaError("packageMissing", "What draws the plots is not installed.", remedy, cause);
  }
}
