/** What became of suggestions. */
export interface UsageCounts {
  /** Texts that appeared; one that is typed along with, or grows, is one. */
  readonly shown: number;
  readonly accepted: number;
  /** Accepted ones that were looked at again after a minute, and those of them that nobody had changed. */
  readonly judged: number;
  readonly kept: number;
  /** Characters of accepted texts. */
  readonly characters: number;
}

/** The counts of one language and one model. */
export interface Usage extends UsageCounts {
  readonly language: string;
  readonly model: string;
}

const COUNTS = ["shown", "accepted", "judged", "kept", "characters"] as const satisfies readonly (keyof UsageCounts)[];
const NOTHING: UsageCounts = { shown: 0, accepted: 0, judged: 0, kept: 0, characters: 0 };

/** Counts by language and model, those with the most accepted first. */
export class UsageTable {
  readonly #rows = new Map<string, Usage>();

  add(language: string, model: string, more: Partial<UsageCounts>): void {
    const key = JSON.stringify([language, model]);
    const before: UsageCounts = this.#rows.get(key) ?? NOTHING;
    const sums = Object.fromEntries(COUNTS.map((name) => [name, before[name] + (more[name] ?? 0)])) as unknown as UsageCounts;
    this.#rows.set(key, { language, model, ...sums });
  }

  get rows(): readonly Usage[] {
    return [...this.#rows.values()].sort((a, b) => b.accepted - a.accepted || b.shown - a.shown);
  }

  clear(): void {
    this.#rows.clear();
  }
}

/** A row as it was written; undefined for anything else. Numbers below zero and texts in their place are not believed. */
export function readUsage(line: string): Usage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { language, model, ...rest } = value as Record<string, unknown>;
  if (typeof language !== "string" || typeof model !== "string") return undefined;
  const counts = COUNTS.map((name) => rest[name] ?? 0);
  if (!counts.every((count) => Number.isSafeInteger(count) && Number(count) >= 0)) return undefined;
  return { language, model, ...(Object.fromEntries(COUNTS.map((name, index) => [name, counts[index]])) as unknown as UsageCounts) };
}
