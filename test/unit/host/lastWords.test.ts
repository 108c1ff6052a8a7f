import assert from "node:assert/strict";
import { lastWords } from "../../../src/client/lastWords.js";

const THROWN = `/ext/dist/engine.js:41
    throw new TypeError("no such graph");
    ^

TypeError: no such graph
    at load (/ext/dist/engine.js:41:11)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)

Node.js v20.20.2
`;
const REQUIRED = `node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module '/nonexistent/hook.js'
Require stack:
- internal/preload
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ 'internal/preload' ]
}

Node.js v20.20.2
`;
const OUT_OF_HEAP = `<--- Last few GCs --->
[1:0x1] 900 ms: Mark-sweep 2047.1 (2083.5) -> 2046.9 (2083.3) MB
FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0xb8d0a3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]
 2: 0xf05c10 v8::Utils::ReportOOMFailure(v8::internal::Isolate*, char const*) [node]
`;
const NATIVE = "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n";

describe("the last words of a process", () => {
  it("are the error that was thrown, not the stack or the version under it", () => assert.equal(lastWords(THROWN), "TypeError: no such graph"));

  it("are the error above what Node adds to it", () => assert.equal(lastWords(REQUIRED), "Error: Cannot find module '/nonexistent/hook.js'"));

  it("are the fatal error above a native stack", () =>
    assert.equal(lastWords(OUT_OF_HEAP), "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"));

  it("are the last line where nothing looks like an error", () => assert.equal(lastWords(NATIVE), "what():  std::bad_alloc"));

  it("are none where nothing was said", () => assert.equal(lastWords("\n\n"), ""));
});
