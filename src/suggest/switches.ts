/** What decides whether suggestions appear, besides the document. */
export interface SwitchState {
  /** Whether the editor shows suggestions in the document: its own setting, which a language may override. */
  readonly isShown: boolean;
  readonly isEnabled: boolean;
  readonly isLanguageOn: boolean;
  readonly isManualOnly: boolean;
  /** Milliseconds since 1970; 0 when not snoozed. */
  readonly snoozedUntilMs: number;
  /** On battery, and told to pause then. */
  readonly isPaused: boolean;
}

/** Suggestions come only when a person asks for one. */
export const MANUAL_ONLY = "Suggestions are set to appear only when asked for.";

/**
 * Why nothing is suggested now; undefined when something may be. What a person asks for is given in any case.
 *
 * @param nowMs milliseconds since 1970
 */
export function switchRefusal(state: SwitchState, isManual: boolean, nowMs: number): string | undefined {
  if (isManual) return undefined;
  if (!state.isEnabled) return "Suggestions are switched off.";
  if (!state.isLanguageOn) return "Suggestions are switched off for this language.";
  if (!state.isShown) return "The editor is set to show no suggestions here (editor.inlineSuggest.enabled).";
  if (state.snoozedUntilMs > nowMs) return "Suggestions are snoozed.";
  if (state.isPaused) return "Suggestions pause while the machine runs on battery.";
  return state.isManualOnly ? MANUAL_ONLY : undefined;
}
