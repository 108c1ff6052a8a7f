import * as vscode from "vscode";

/** What has happened at least once: the steps of the walkthrough are ticked by these, and not because a command was called. */
export const MILESTONES = ["lacuna.hasSuggested", "lacuna.hasFilled", "lacuna.hasShownMenu", "lacuna.hasShownModels", "lacuna.hasRaced"] as const;

export type Milestone = (typeof MILESTONES)[number];

/** What happens at every key is not told each time. */
const TOLD_AGAIN_MS = 500;

const toldAtMs = new Map<Milestone, number>();

/**
 * Tells the editor that something has happened, for a moment: the walkthrough takes notice of what becomes true while it is open, and never of
 * what was true when it was opened.
 */
export async function reachMilestone(milestone: Milestone): Promise<void> {
  const now = performance.now();
  if (now - (toldAtMs.get(milestone) ?? -Infinity) < TOLD_AGAIN_MS) return;
  toldAtMs.set(milestone, now);
  for (const hasHappened of [true, false]) await vscode.commands.executeCommand("setContext", milestone, hasHappened);
}
