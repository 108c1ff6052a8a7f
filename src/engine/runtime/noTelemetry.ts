/**
 * The switch that keeps the native runtime from reporting on its use: it would write a device id and a database of events into
 * the user's cache folder, and look for a host to send them to. It is read when the library is loaded, so this module is
 * imported before the runtime wherever the runtime is imported. Whoever starts the engine sets it too: on Windows a library
 * sees only the environment that the process began with.
 */
export const NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";

process.env[NO_TELEMETRY] = "1";
