/**
 * This process's environment for a child of it: without NODE_OPTIONS, which is meant for other programs and could load anything into
 * the child, and with the native runtime's own reporting off.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => name.toUpperCase() !== "NODE_OPTIONS");
  return { ...Object.fromEntries(inherited), ORT_DISABLE_TELEMETRY: "1" };
}
