import assert from "node:assert/strict";
import { documentRefusal, type DocumentFacts } from "../../../src/suggest/documentRefusal.js";

const facts = (change: Partial<DocumentFacts>): DocumentFacts => ({
  scheme: "file",
  isWritable: true,
  path: "/home/a/project/main.py",
  languageId: "python",
  lineCount: 10,
  length: 300,
  ...change,
});

const ELIGIBLE: readonly Partial<DocumentFacts>[] = [
  {},
  { scheme: "untitled", isWritable: undefined, path: "Untitled-1", languageId: "plaintext" },
  { scheme: "vscode-notebook-cell", isWritable: undefined, path: "/a/b.ipynb" },
  ...["trialfs", "ssh", "memfs", "vscode-vfs", "vscode-userdata", "zip"].map((scheme) => ({ scheme })),
  { scheme: "vscode-remote" },
  { path: "/a/environment.py" },
  { path: "/a/keys.ts" },
  { path: "/a/secret_santa.py" },
  { path: "/a/tokenizer.json" },
  { path: "/a/.environs/x.py" },
];

const INELIGIBLE: readonly (readonly [Partial<DocumentFacts>, RegExp])[] = [
  ...["output", "git", "vscode-scm", "comment", "vscode-chat-code-block", "debug", "search-editor", "gitfs", "vscode-interactive-input"].map(
    (scheme) => [{ scheme }, /views of this kind/] as const,
  ),
  [{ scheme: "zip", isWritable: false }, /views of this kind/],
  [{ scheme: "some-view", isWritable: undefined }, /views of this kind/],
  ...["Log", "scminput", "search-result", "git-commit", "dotenv"].map((languageId) => [{ languageId }, /documents of this kind/] as const),
  [{ lineCount: 50_000 }, /too large/],
  [{ length: 5_000_000 }, /too large/],
  ...[
    ".env",
    ".env.local",
    "prod.env",
    ".envrc",
    ".npmrc",
    ".netrc",
    ".pypirc",
    ".git-credentials",
    "id_rsa",
    "id_ed25519.pub",
    "server.key",
    "cert.pem",
    "credentials.json",
    "credentials",
    "secrets.yaml",
    "secret.txt",
    "service-account-prod.json",
    "store.jks",
    "a.PEM",
    "vault.kdbx",
  ].map((name) => [{ path: `/a/${name}` }, /secrets/] as const),
  [{ path: "/home/a/.ssh/config" }, /secrets/],
  [{ path: "/home/a/.aws/config" }, /secrets/],
];

describe("suggestions", () => {
  for (const change of ELIGIBLE) it(`may come in ${JSON.stringify(change)}`, () => assert.equal(documentRefusal(facts(change)), undefined));
  for (const [change, why] of INELIGIBLE)
    it(`do not come in ${JSON.stringify(change)}`, () => assert.match(documentRefusal(facts(change)) ?? "", why));
});
