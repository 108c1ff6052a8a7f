import type { ModelPace } from "../measure/modelPace.js";

/** Who types five keys a second sees text before the next one, the editor's own time for it included. */
const TYPING_KEY_MS = 120;
/** Longer than this nobody waits for text after moving the cursor. */
const TYPING_JUMP_MS = 1500;
/** Two models are advised where the larger one takes at most this share of the memory that is free. */
const MEMORY_SHARE = 0.7;

/** A model that was measured here. */
export interface PacedModel {
  readonly name: string;
  /** "" for the one that comes with the extension. */
  readonly folder: string;
  readonly parameters: number;
  readonly pace: ModelPace;
  /** What it takes beside another one, as it is to be expected; undefined where that is not known. */
  readonly memoryBytes: number | undefined;
}

/** Which models to use here, and why. */
export interface ModelAdvice {
  readonly text: string;
  /** For what is suggested while somebody types. */
  readonly typing: PacedModel;
  /** For holes that are filled on request, where that is another one. */
  readonly fills: PacedModel | undefined;
}

const isQuick = ({ pace }: PacedModel): boolean => pace.keyMs <= TYPING_KEY_MS && pace.jumpMs <= TYPING_JUMP_MS;

/** The largest model whose text comes soon enough, else the quickest; the largest of all for fills. @param models at least one */
export function modelAdvice(models: readonly PacedModel[], freeBytes: number): ModelAdvice {
  const bySize = [...models].sort((a, b) => b.parameters - a.parameters);
  const typing = bySize.find(isQuick) ?? [...models].sort((a, b) => a.pace.keyMs - b.pace.keyMs)[0];
  const [largest] = bySize;
  const hasRoom = (largest.memoryBytes ?? Infinity) <= MEMORY_SHARE * freeBytes;
  const fills = largest === typing || !hasRoom ? undefined : largest;
  const reasons = [...bySize.map(paceWords), ...(models.length === 1 ? [] : adviceWords(typing, fills, largest))];
  return { text: reasons.join(" "), typing, fills };
}

/** How soon a model's text comes, as a sentence. */
export function paceWords({ name, pace }: Pick<PacedModel, "name" | "pace">): string {
  return `${name}: first text ${Math.round(pace.keyMs)} ms after a key, ${spokenSeconds(pace.jumpMs)} after a jump of the cursor.`;
}

function adviceWords(typing: PacedModel, fills: PacedModel | undefined, largest: PacedModel): string[] {
  if (typing === largest) return [`${typing.name} is quick enough for typing here, and the largest that you have.`];
  const slow = `${largest.name} is too slow for typing here`;
  if (fills !== undefined) return [`${slow}: ${typing.name} can serve the keys, and ${fills.name} Fill in the Middle.`];
  return [`${slow}, and both at once need more memory than is free: ${typing.name} is the better one.`];
}

function spokenSeconds(ms: number): string {
  return ms < 995 ? `${Math.round(ms / 10) * 10} ms` : `${(ms / 1000).toFixed(1)} s`;
}
