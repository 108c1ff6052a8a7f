import assert from "node:assert/strict";
import { racePage } from "../../../src/view/racePage.js";

describe("the page of the race", () => {
  const page = racePage({ cspSource: "https://webview", nonce: "abc", script: "https://webview/race.js", style: "https://webview/race.css" });

  it("allows nothing but its own style and its one script", () => {
    assert.match(page, /content="default-src 'none'; style-src https:\/\/webview; script-src 'nonce-abc'"/);
    assert.equal(page.match(/<script/g)?.length, 1);
    assert.doesNotMatch(page, /style=|onclick|unsafe/);
  });

  it("names nothing but what it was given", () => {
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]);
    assert.deepEqual(addresses, ["https://webview/race.css", "https://webview/race.js"]);
  });
});
