import type { Rule } from "eslint";

export function roomOf(file: string): string | undefined;
export function isAllowed(from: string, target: string, isRelative: boolean): boolean;
declare const importRule: Rule.RuleModule;
export default importRule;
