// An engine process without models: answers each request with the parameters it came with, and never answers one that says `hangs`.
process.on("message", ({ id, params }) => {
  if (id === undefined || params?.hangs === true) return;
  if (params?.exits === true) process.exit(3);
  process.send({ jsonrpc: "2.0", id, result: { ...params, engineVersion: "0", runtimeVersion: "0", pid: process.pid } });
});
process.on("disconnect", () => process.exit(0));
