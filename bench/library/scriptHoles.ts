import type { Node } from "typescript";
import type { Hole } from "./hole.js";
import type { TypescriptLibrary } from "./typescriptLibrary.js";

/** Statements inside functions, and the contents of blocks of two or more of them, of a JavaScript or TypeScript file. */
export function scriptHoles(ts: TypescriptLibrary, file: string, text: string): Hole[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const holes: Hole[] = [];
  const isSimple = (node: Node): boolean =>
    ts.isReturnStatement(node) || ts.isThrowStatement(node) || ts.isVariableStatement(node) ||
    (ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression)); // prettier-ignore
  const visit = (node: Node): void => {
    if (ts.isBlock(node)) {
      const { statements } = node;
      for (const statement of statements) {
        if (isSimple(statement)) holes.push({ kind: "statement", start: statement.getStart(source), end: statement.getEnd() });
      }
      const last = statements.at(-1);
      if (statements.length > 1 && last !== undefined) holes.push({ kind: "block", start: statements[0].getStart(source), end: last.getEnd() });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return holes;
}
