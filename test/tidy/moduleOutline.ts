import path from "node:path";
import ts from "typescript";

export interface ExportedName {
  readonly name: string;
  readonly isFunction: boolean;
  readonly hasDocstring: boolean;
}

/** What a module exports by name, in order; an overloaded function once, documented if one of its signatures is. */
export function exportsOf(file: string, text: string): ExportedName[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const outline = new Map<string, ExportedName>();
  const add = (name: string, isFunction: boolean, node: ts.Node): void => {
    const hasDocstring = ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc) && (doc.comment ?? doc.tags) !== undefined);
    outline.set(name, { name, isFunction, hasDocstring: hasDocstring || (outline.get(name)?.hasDocstring ?? false) });
  };
  for (const statement of source.statements) {
    if (!ts.canHaveModifiers(statement) || !ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        const value = declaration.initializer;
        add(declaration.name.getText(), value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)), declaration);
      }
    } else if (ts.isFunctionDeclaration(statement)) {
      add(statement.name?.text ?? "default", true, statement);
    } else if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      add(statement.name?.text ?? "default", false, statement);
    }
  }
  return [...outline.values()];
}

/** Titles of `describe` and `it` calls that are written in place, with their line numbers from 1. */
export function testTitlesOf(file: string, text: string): { readonly kind: "describe" | "it"; readonly title: string; readonly line: number }[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const titles: { kind: "describe" | "it"; title: string; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const kind = node.expression.text;
      const title = node.arguments[0];
      if ((kind === "it" || kind === "describe") && title !== undefined && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        titles.push({ kind, title: title.getText().slice(1, -1), line });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** Where a module of src imports or re-exports from: a package, or a path from the root. */
export interface ModuleImport {
  readonly file: string;
  readonly target: string;
  readonly isRelative: boolean;
}

/** Every import and re-export of a module. */
export function importsOf(file: string, text: string): ModuleImport[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => {
    const isRelative = fileName.startsWith(".");
    return { file, target: isRelative ? path.posix.normalize(path.posix.join(path.posix.dirname(file), fileName)) : fileName, isRelative };
  });
}

/** Names of the functions, classes and methods that a module declares. */
export function declaredIn(file: string, text: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isMethodDeclaration(node)) && node.name !== undefined) {
      names.add(node.name.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true));
  return names;
}
