import type { LoadedModel } from "./messages.js";

/** Where models run, in words: one name where all run on the same device. */
export function devicesOf(models: readonly LoadedModel[]): string {
  return [...new Set(models.map(({ device }) => device))].join(" and ");
}
