import type { Random } from "../../../../src/base/random.js";

/** What a person does in an editor; shares are places as fractions of what there is. */
export type SoakEvent =
  | { readonly kind: "type"; readonly share: number; readonly characters: number; readonly pauseMs: number }
  | { readonly kind: "accept" | "acceptWord" | "acceptLine"; readonly waitMs: number }
  | { readonly kind: "move"; readonly share: number; readonly column: number }
  | { readonly kind: "select"; readonly share: number; readonly characters: number }
  | { readonly kind: "fill"; readonly waitMs: number; readonly isAccepted: boolean }
  | { readonly kind: "newline" | "backspace" | "escape" | "undo" | "redo" | "trigger" | "switchFile" };

/** How many of a hundred events are of each kind. */
const WEIGHTS: Readonly<Record<SoakEvent["kind"], number>> = {
  type: 40,
  accept: 12,
  acceptWord: 6,
  acceptLine: 3,
  move: 8,
  select: 4,
  newline: 5,
  backspace: 7,
  escape: 5,
  undo: 4,
  redo: 2,
  trigger: 2,
  fill: 1,
  switchFile: 1,
};

/** The next event; the same seed gives the same events. */
export function nextEvent(random: Random): SoakEvent {
  const total = Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  let left = random.next() * total;
  const kinds = Object.keys(WEIGHTS) as SoakEvent["kind"][];
  const kind = kinds.find((each) => (left -= WEIGHTS[each]) < 0) ?? "type";
  const upTo = (limit: number): number => Math.floor(random.next() * limit);
  switch (kind) {
    case "type":
      return { kind, share: random.next(), characters: 1 + upTo(8), pauseMs: random.next() < 0.5 ? 0 : upTo(60) };
    case "accept":
    case "acceptWord":
    case "acceptLine":
      return { kind, waitMs: random.next() < 0.3 ? 0 : 100 + upTo(400) };
    case "move":
      return { kind, share: random.next(), column: random.next() };
    case "select":
      return { kind, share: random.next(), characters: 1 + upTo(30) };
    case "fill":
      return { kind, waitMs: upTo(800), isAccepted: random.next() < 0.5 };
    case "newline":
    case "backspace":
    case "escape":
    case "undo":
    case "redo":
    case "trigger":
    case "switchFile":
      return { kind };
  }
}
