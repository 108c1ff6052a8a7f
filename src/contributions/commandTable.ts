interface CommandEntry {
  readonly title: string;
  /** Bound to keys or called by other parts; not in the command palette. */
  readonly isHidden?: true;
  /** In the command palette where this context holds. */
  readonly when?: string;
}

const entry = (title: string): CommandEntry => ({ title });
const hidden = (title: string): CommandEntry => ({ title, isHidden: true });

/** Every command of the extension; package.json says the same. */
export const COMMANDS = {
  "lacuna.fillMiddle": entry("Fill in the Middle"),
  "lacuna.fillPlaceholders": entry("Fill All Placeholders"),
  "lacuna.race": entry("Race: Drafts Against One Token a Pass"),
  "lacuna.trigger": entry("Trigger Suggestion"),
  "lacuna.acceptLine": entry("Accept Next Line of Suggestion"),
  "lacuna.toggle": entry("Toggle Suggestions"),
  "lacuna.toggleLanguage": entry("Toggle Suggestions for This Language"),
  "lacuna.snooze": entry("Snooze Suggestions"),
  "lacuna.whyNothing": entry("Why Was Nothing Suggested?"),
  "lacuna.models": entry("Models"),
  "lacuna.getCuda": { title: "Get the CUDA Provider for NVIDIA Cards", when: "lacuna.canGetCuda && isWorkspaceTrusted" },
  "lacuna.benchmark": entry("Benchmark This Machine"),
  "lacuna.statistics": entry("Statistics"),
  "lacuna.showLog": entry("Show Log"),
  "lacuna.setServerKey": entry("Set Server Key"),
  "lacuna.restartEngine": entry("Restart Engine"),
  "lacuna.copyDiagnostics": entry("Copy Diagnostics"),
  "lacuna.menu": entry("Show Menu"),
  "lacuna.dismiss": hidden("Dismiss Suggestion"),
  "lacuna.accepted": hidden("Count an Accepted Suggestion"),
  "lacuna.fill.accept": hidden("Accept Fill"),
  "lacuna.fill.discard": hidden("Discard Fill"),
  "lacuna.fill.longer": hidden("Make Fill Longer"),
  "lacuna.fill.shorter": hidden("Make Fill Shorter"),
  "lacuna.fill.next": hidden("Show Next Fill"),
  "lacuna.fill.previous": hidden("Show Previous Fill"),
} as const satisfies Readonly<Record<string, CommandEntry>>;

export type CommandId = keyof typeof COMMANDS;

const all: readonly [string, CommandEntry][] = Object.entries(COMMANDS);

/** What package.json must say under `contributes.commands`. */
export function manifestCommands(): object[] {
  return all.map(([command, { title }]) => ({ command, title, category: "Lacuna" }));
}

/** What package.json must say under `contributes.menus.commandPalette`. */
export function manifestPalette(): object[] {
  return all.flatMap(([command, { isHidden, when = isHidden && "false" }]) => (when === undefined ? [] : [{ command, when }]));
}
