/**
 * Packs what `dist` holds for every platform, as FOLDER/PLATFORM.vsix.
 *
 *     node test/vscode/package/packAll.mjs FOLDER
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { packageFor, targets } from "../../../package.mjs";

const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await Promise.all(targets.map((target) => packageFor(target, path.join(folder, `${target}.vsix`))));
