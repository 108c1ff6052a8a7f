import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { loadHost } from "./loadHost.js";

/** The host's own code, over files of this machine. */
interface Host {
  isLeftOut(folder: { readonly path: string }, file: string): Promise<boolean>;
}

/** Files with their texts, in a folder of their own. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ignored-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

describe("files that git leaves out", () => {
  it("are those that git itself leaves out, also where the workspace is a part of a repository", async () => {
    const { isLeftOut } = await loadHost<Host>({ "host/leftOut": "isLeftOut" }, "fileSystemStub.ts");
    const files = ["app/generated/x.py", "app/out/a.py", "app/out/b.py", "app/src/c.py", "app/src/local.py", "app/Generated/y.py", "app/z.tmp.py"];
    const repository = folderWith({
      ".gitignore": "generated/\n",
      "app/.gitignore": "out/\n!out/b.py\n",
      "app/src/.gitignore": "local.py\n",
      ...Object.fromEntries(files.map((file) => [file, ""])),
    });
    execFileSync("git", ["init", "-q"], { cwd: repository });
    mkdirSync(path.join(repository, ".git", "info"), { recursive: true });
    writeFileSync(path.join(repository, ".git", "info", "exclude"), "*.tmp.py\n");
    const leftOut = files.filter((file) => {
      try {
        execFileSync("git", ["check-ignore", "-q", file], { cwd: repository });
        return true;
      } catch {
        return false;
      }
    });
    const found: string[] = [];
    for (const file of files) if (await isLeftOut({ path: path.join(repository, "app") }, file.slice("app/".length))) found.push(file);
    assert.deepEqual(found, leftOut);
    assert.ok(leftOut.includes("app/generated/x.py"));
  });

  it("are named by the workspace's own rules where there is no repository", async () => {
    const { isLeftOut } = await loadHost<Host>({ "host/leftOut": "isLeftOut" }, "fileSystemStub.ts");
    const folder = folderWith({ ".gitignore": "a.py\n" });
    assert.deepEqual([await isLeftOut({ path: folder }, "a.py"), await isLeftOut({ path: folder }, "b.py")], [true, false]);
  });
});
