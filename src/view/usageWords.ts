import type { Usage } from "../measure/usageCounts.js";
import { asLabel } from "./asLabel.js";

/** What is said of a language and a model: in a line, and below it. */
export interface UsageWords {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

const number = new Intl.NumberFormat("en-US");

/** A row of the statistics in words. */
export function usageWords({ language, model, shown, accepted, judged, kept, characters }: Usage): UsageWords {
  const share = accepted > 0 && accepted <= shown ? ` (${percent(accepted, shown)})` : "";
  const later = judged === 0 ? "" : `; ${percent(kept, judged)} unchanged a minute later`;
  return {
    label: asLabel(language),
    description: asLabel(model),
    // A list shows about seventy characters: what matters least comes last.
    detail: `${number.format(shown)} shown, ${number.format(accepted)} accepted${share}, ${number.format(characters)} characters not typed${later}`,
  };
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}
