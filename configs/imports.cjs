/**
 * Who may import whom: the one table that ESLint, dependency-cruiser, the pure type check and docs/architecture.md read.
 *
 * Each entry is a folder of src, the longest prefix counting: what it is, the folders it may import besides itself, the packages it
 * may import, and whether it is pure: no clock, no chance of its own, no input or output, no type of Node.
 */
module.exports = {
  base: { what: "assertions, medians, seeded chance", folders: [], packages: [], isPure: true },
  protocol: { what: "messages, errors, manifest, places: what crosses a boundary", folders: ["base"], packages: ["vscode-jsonrpc"], isPure: true },
  meeting: { what: "where windows and their engine meet: a folder of the person's, and sockets in it", folders: ["protocol"], packages: [] },
  syntax: { what: "brackets, strings and comments of languages", folders: ["base"], packages: [], isPure: true },
  text: {
    what: "tokenizer, prompt, line ends, streaming detokenizer",
    folders: ["base", "protocol"],
    packages: ["@huggingface/tokenizers"],
    isPure: true,
  },
  decode: { what: "the seams `Verifier`, `Diffuser`, `Drafter`, `Judge`; plain decoding, sampling", folders: ["base"], packages: [], isPure: true },
  "decode/draft": { what: "drafts, their acceptance and length", folders: ["base", "decode"], packages: [], isPure: true },
  "decode/infill": { what: "ways to fill a hole of unknown length", folders: ["base", "decode", "decode/draft"], packages: [], isPure: true },
  child: { what: "what every child process does: its channel, its answers", folders: ["base", "protocol"], packages: ["vscode-jsonrpc"] },
  network: {
    what: "the way to another machine: proxies, and patience",
    folders: ["base", "protocol"],
    packages: ["http-proxy-agent", "https-proxy-agent", "proxy-from-env"],
  },
  engine: {
    what: "the engine's process: messages in, answers out",
    folders: ["base", "protocol", "child", "meeting"],
    packages: ["vscode-jsonrpc"],
    data: ["package.json"],
  },
  "engine/runtime": { what: "the only door to the native runtime", folders: ["base", "protocol", "onnx"], packages: ["onnxruntime-node"] },
  "engine/models": {
    what: "files, graphs, caches, devices and adapters of the loaded models",
    folders: ["base", "protocol", "decode", "decode/draft", "text", "engine", "engine/runtime"],
    packages: [],
  },
  "engine/serve": {
    what: "what becomes of a request",
    folders: ["base", "protocol", "decode", "decode/draft", "decode/infill", "syntax", "text", "engine", "engine/models"],
    packages: [],
  },
  server: {
    what: "the child process that speaks to a team's server: the same messages in, its texts out",
    folders: ["base", "protocol", "text", "child", "network"],
    packages: ["vscode-jsonrpc", "eventsource-parser"],
    data: ["package.json"],
  },
  client: {
    what: "the engine process and the command line seen from outside: start, life, requests, memory",
    folders: ["base", "protocol", "machine", "meeting"],
    packages: ["vscode-jsonrpc"],
  },
  machine: { what: "what the operating system is asked: battery, memory of a process", folders: ["base"], packages: [] },
  suggest: { what: "when to ask, what to keep, what to show", folders: ["base", "protocol", "syntax"], packages: [], isPure: true },
  fill: { what: "holes of a document, canvases, choices of a fill", folders: ["base", "protocol", "suggest"], packages: [], isPure: true },
  related: { what: "which other texts a prompt may hold", folders: ["base", "protocol"], packages: ["ignore"], isPure: true },
  measure: { what: "the one race, the one speed-up, and what is said of them", folders: ["base", "protocol"], packages: [], isPure: true },
  contributions: { what: "settings and commands, from which package.json is checked", folders: ["base", "protocol"], packages: [], isPure: true },
  view: { what: "words and pages that are shown", folders: ["base", "protocol", "client", "measure", "models", "suggest"], packages: [] },
  onnx: { what: "graphs as .onnx files hold them", folders: [], packages: ["pbf"], isPure: true },
  gguf: { what: "the header of a GGUF file, and how tensors are stored", folders: [], packages: [] },
  models: {
    what: "what a user can get: catalogue, models of other tools, download; what devices need",
    folders: ["base", "protocol", "network", "gguf"],
    packages: ["yauzl"],
  },
  convert: { what: "checkpoint to graph, quantization, manifest", folders: ["base", "protocol", "gguf", "onnx", "text"], packages: [] },
  host: {
    what: "the editor's side",
    folders: ["base", "protocol", "client", "machine", "suggest", "fill", "related", "measure", "models", "contributions", "view"],
    packages: ["vscode"],
  },
  cli: {
    what: "the same engine without an editor",
    folders: ["base", "protocol", "text", "client", "convert", "models", "engine", "engine/models", "server", "measure"],
    packages: ["commander", "picocolors", "cli-progress"],
    data: ["package.json"],
  },
};
