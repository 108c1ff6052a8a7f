import { ResponseError } from "vscode-jsonrpc/node";
import { LacunaError, type ErrorDetail } from "../protocol/errors.js";

const LACUNA_ERROR = -32000;

/** Expected failures become answers with their name; bugs end the process, loudly. */
export async function answer<T>(job: () => Promise<T>): Promise<T | ResponseError<ErrorDetail>> {
  try {
    return await job();
  } catch (error) {
    if (error instanceof LacunaError) return new ResponseError(LACUNA_ERROR, error.message, { code: error.code, remedy: error.remedy });
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(70);
  }
}
