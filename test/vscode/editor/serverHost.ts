import { format } from "node:util";
import { EditorServer, type EditorServerOptions } from "./editorServer.js";
import { tookTooLong, type EditorHost } from "./hostPlace.js";
import { openBrowser } from "./openBrowser.js";
import { workbenchUrl } from "./workbenchUrl.js";

/** The extension host of a server from the package registry, with the workbench in a browser without a window. */
export function serverHost(options: EditorServerOptions): EditorHost {
  return async ({ workspace, extension, vsix, tests, env, limitMs, onLog }) => {
    let limit: NodeJS.Timeout | undefined;
    const server = await EditorServer.start({ ...options, env, vsix });
    const closing: (() => Promise<void>)[] = [() => server.stop()];
    try {
      const browser = await openBrowser();
      closing.unshift(() => browser.close());
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
      page.setDefaultTimeout(limitMs);
      const ended = new Promise<string>((resolve) => {
        void page.exposeFunction("codeAutomationExit", (code: number) => resolve(`it ended with code ${code}`));
        limit = setTimeout(() => resolve(tookTooLong(limitMs)), limitMs);
      });
      await page.exposeFunction("codeAutomationLog", (_type: string, args: readonly unknown[]) => onLog(format(...args)));
      await page.goto(workbenchUrl(server, { folder: workspace, extension, tests }));
      return await ended;
    } finally {
      clearTimeout(limit);
      for (const close of closing) await close();
    }
  };
}
