import { chromium, type Browser } from "playwright-core";
import { browserInstall } from "./browserInstall.js";

/** A browser without a window. @throws EditorUnavailable when there is none and none can be installed */
export function openBrowser(): Promise<Browser> {
  const { program, env } = browserInstall();
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"];
  // Root, as which containers run tests, cannot use the browser's sandbox.
  const args = ["--no-sandbox", "--disable-gpu", ...quiet];
  return chromium.launch({ executablePath: program, env: { ...process.env, ...env }, headless: true, args });
}
