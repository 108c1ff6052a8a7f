import type { Tokenizer } from "../../src/text/tokenizer.js";
import { shuffled } from "./drawSome.js";
import type { Hole } from "./hole.js";
import { pythonHoles } from "./pythonHoles.js";
import { scriptHoles } from "./scriptHoles.js";
import type { SourceFile } from "./sourceFiles.js";
import { loadTypescriptLibrary } from "./typescriptLibrary.js";

/** A hole of a repository, ready to be filled. */
export interface RepositoryHole extends Hole, SourceFile {
  readonly key: string;
  /** What was cut out. */
  readonly truth: string;
  readonly trueTokens: number;
}

/** What is no source of the product: its tests, its documents, its set-up. */
const NOT_PRODUCT = [
  /(^|\/)(tests?|__tests__|specs?|testing|docs?|examples?|benchmarks?|bench|scripts|tools|misc)\//,
  /(^|\/)(test_|conftest|setup\.py|noxfile)|[._-](test|spec|config)\.[a-z]+$/,
];
/** Shorter ones are mostly `break` and `i += 1`; longer ones no method is asked for. */
const TOKENS = { least: 3, most: 64 };

/**
 * Every hole of the files, in an order that `seed` decides, statements and blocks taking turns, so that any number of the
 * first ones is a fair draw.
 *
 * @throws LacunaError `packageMissing`
 */
export async function repositoryHoles(files: readonly SourceFile[], tokenizer: Tokenizer, seed: number): Promise<RepositoryHole[]> {
  const product = files.filter(({ file }) => !NOT_PRODUCT.some((pattern) => pattern.test(file)));
  const ts = product.some(({ file }) => !file.endsWith(".py")) ? await loadTypescriptLibrary() : undefined;
  const all = product.flatMap(({ file, text }) => {
    const holes = file.endsWith(".py") ? pythonHoles(text) : ts === undefined ? [] : scriptHoles(ts, file, text);
    return holes.flatMap((hole) => {
      const truth = text.slice(hole.start, hole.end);
      if (truth.length > TOKENS.most * 8) return [];
      const trueTokens = tokenizer.encode(truth).length;
      const key = `${file}:${hole.start}-${hole.end}`;
      return trueTokens < TOKENS.least || trueTokens > TOKENS.most ? [] : [{ ...hole, file, text, key, truth, trueTokens }];
    });
  });
  const of = (kind: Hole["kind"]): RepositoryHole[] =>
    shuffled(
      all.filter((hole) => hole.kind === kind),
      seed,
    );
  const [statements, blocks] = [of("statement"), of("block")];
  return Array.from({ length: Math.max(statements.length, blocks.length) }, (_, index) => index).flatMap((index) => [
    ...statements.slice(index, index + 1),
    ...blocks.slice(index, index + 1),
  ]);
}

/** The file with something else in the hole. */
export function withMiddle({ text, start, end }: RepositoryHole, middle: string): string {
  return text.slice(0, start) + middle + text.slice(end);
}

/** What stands in a hole that does nothing. */
export function nothingIn({ file }: RepositoryHole): string {
  return file.endsWith(".py") ? "pass" : ";";
}
