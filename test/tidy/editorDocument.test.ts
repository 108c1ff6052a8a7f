import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly title: string }[];
    readonly configuration: { readonly properties: object };
  };
}

/** Settings and titles of commands that a text does not name, each in the type that is its own: `setting`, *Title* or *Lacuna: Title*. */
function unnamed(text: string, settings: readonly string[], titles: readonly string[]): string[] {
  const words = text.replaceAll(/\s+/g, " ");
  const isNamed = (title: string): boolean => [`*${title}*`, `*Lacuna: ${title}*`].some((name) => words.includes(name));
  return [...settings.filter((setting) => !words.includes(`\`${setting}\``)), ...titles.filter((title) => !isNamed(title))];
}

describe("docs/editor.md", () => {
  const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
  const settings = Object.keys(contributes.configuration.properties);
  const titles = contributes.commands.map(({ title }) => title);

  it("names every setting and every command", () => {
    assert.ok(settings.length > 10 && titles.length > 20);
    assert.deepEqual(unnamed(readFileSync("docs/editor.md", "utf8"), settings, titles), []);
  });

  it("is refused where it names only a longer one", () => {
    const text = "`lacuna.enabledToo` and *Lacuna: Toggle\nSuggestions for This Language*";
    const found = unnamed(text, ["lacuna.enabled"], ["Toggle Suggestions", "Toggle Suggestions for This Language"]);
    assert.deepEqual(found, ["lacuna.enabled", "Toggle Suggestions"]);
  });
});
