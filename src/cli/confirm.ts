import type { Environment } from "./environment.js";
import { visible } from "./visible.js";

/** Asks a question on stderr. @returns whether the first line of standard input says yes; no input says no */
export async function confirm(question: string, { stdin, stderr }: Pick<Environment, "stdin" | "stderr">): Promise<boolean> {
  stderr.write(`${visible(question)} [y/N] `);
  let answer = "";
  for await (const chunk of stdin) {
    answer += Buffer.from(chunk).toString("utf8");
    if (answer.includes("\n")) break;
  }
  if (!answer.includes("\n")) stderr.write("\n");
  return /^\s*y(es)?\s*(\r?\n|$)/i.test(answer);
}
