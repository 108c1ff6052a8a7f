import path from "node:path";
import ts from "typescript";
import { definitionNames } from "../../src/related/definitionNames.js";
import { definitionPiece } from "../../src/related/definitionPiece.js";
import type { RelatedText } from "../../src/protocol/messages.js";
import type { SourceFile } from "../library/sourceFiles.js";

/** Definitions as the editor's TypeScript finds them: by the same language service, on the files of a repository. */
export class TypescriptDefinitions {
  readonly #root: string;
  readonly #texts: Map<string, string>;
  readonly #versions = new Map<string, number>();
  readonly #service: ts.LanguageService;

  /** @param root the folder that the names of `files` are below */
  constructor(root: string, files: readonly SourceFile[]) {
    this.#root = path.resolve(root);
    this.#texts = new Map(files.map(({ file, text }) => [path.join(this.#root, file), text]));
    const host: ts.LanguageServiceHost = {
      getScriptFileNames: () => [...this.#texts.keys()],
      getScriptVersion: (file) => String(this.#versions.get(file) ?? 0),
      getScriptSnapshot: (file) => {
        const text = this.#texts.get(file) ?? ts.sys.readFile(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => this.#root,
      getCompilationSettings: () => ({ allowJs: true, noLib: true, moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext }),
      getDefaultLibFileName: () => "lib.d.ts",
      fileExists: (file) => this.#texts.has(file) || ts.sys.fileExists(file),
      readFile: (file) => this.#texts.get(file) ?? ts.sys.readFile(file),
    };
    this.#service = ts.createLanguageService(host);
  }

  /** Definitions in other files of the names about a place, while `file` has another text than the repository's. */
  around(file: string, text: string, offset: number): RelatedText[] {
    const own = path.join(this.#root, file);
    const before = this.#texts.get(own);
    if (before === undefined) return [];
    this.#write(own, text);
    const pieces = definitionNames({ text, offset }).flatMap(({ at }) => this.#pieceAt(own, at));
    this.#write(own, before);
    return pieces;
  }

  #write(file: string, text: string): void {
    this.#texts.set(file, text);
    this.#versions.set(file, (this.#versions.get(file) ?? 0) + 1);
  }

  #pieceAt(own: string, at: number): RelatedText[] {
    const found = this.#service.getDefinitionAtPosition(own, at)?.find(({ fileName }) => fileName !== own && this.#texts.has(fileName));
    if (found === undefined) return [];
    const text = this.#texts.get(found.fileName)!;
    const { start, length } = found.contextSpan ?? found.textSpan;
    const lineAt = (offset: number): number => text.slice(0, offset).split("\n").length - 1;
    const piece = definitionPiece(text, { first: lineAt(start), last: lineAt(start + length) });
    return [{ path: path.relative(this.#root, found.fileName), text: piece }];
  }
}
