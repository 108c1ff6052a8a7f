import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { TopLevelSpec } from "vega-lite";
import type { PlotLibrary } from "./plotLibrary.js";

/** A picture of results. */
export interface Plot {
  /** Name of its files, without ending. */
  readonly name: string;
  readonly spec: TopLevelSpec;
}

const FONT = "DejaVu Sans";
/** Pixels of the PNG for one of the SVG. */
const ZOOM = 2;
const CONFIG = {
  background: "white",
  font: FONT,
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal", gridColor: "#e6e6e6" },
  legend: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal" },
  header: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal" },
  title: { fontSize: 13, anchor: "start", fontWeight: "normal" },
  view: { stroke: "#cccccc" },
} as const;

/** Draws `spec` as an SVG document. */
export async function drawSvg({ compile, parse, View }: Omit<PlotLibrary, "Resvg">, spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile({ ...spec, config: CONFIG }).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/**
 * Writes NAME.svg and NAME.png into `folder`.
 *
 * @param fontsDir holds DejaVuSans.ttf; where it does not, the fonts of the machine are used
 */
export async function writePlot(library: PlotLibrary, { name, spec }: Plot, folder: string, fontsDir: string): Promise<void> {
  const svg = await drawSvg(library, spec);
  const fontFile = path.join(fontsDir, "DejaVuSans.ttf");
  const font = existsSync(fontFile)
    ? { fontFiles: [fontFile, path.join(fontsDir, "DejaVuSans-Bold.ttf")], loadSystemFonts: false, defaultFontFamily: FONT }
    : { loadSystemFonts: true };
  const png = new library.Resvg(svg, { font, fitTo: { mode: "zoom", value: ZOOM } }).render().asPng();
  await writeFile(path.join(folder, `${name}.svg`), `${svg}\n`);
  await writeFile(path.join(folder, `${name}.png`), png);
}
