import { chromium, type Browser } from "playwright-core";
import { chromiumInstall } from "./chromiumInstall.js";

/** A browser without a window. @throws EditorUnavailable when there is none and none can be installed */
export function openBrowser(): Promise<Browser> {
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"];
  // Root, as which containers run tests, cannot use the browser's sandbox.
  return chromium.launch({ executablePath: chromiumInstall(), headless: true, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
}
