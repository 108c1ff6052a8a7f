import * as vscode from "vscode";

/** What has happened at least once: the steps of the walkthrough are ticked by these, and not because a command was called. */
export const MILESTONES = ["lacuna.hasSuggested", "lacuna.hasFilled", "lacuna.hasShownMenu", "lacuna.hasShownModels", "lacuna.hasRaced"] as const;

export type Milestone = (typeof MILESTONES)[number];

const reached = new Set<Milestone>();

/** Notes that something has happened, and tells the editor the first time. */
export function reachMilestone(milestone: Milestone): void {
  if (reached.has(milestone)) return;
  reached.add(milestone);
  void vscode.commands.executeCommand("setContext", milestone, true);
}
