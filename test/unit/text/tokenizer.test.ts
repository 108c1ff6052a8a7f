import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { verifierOf } from "../../../src/protocol/manifest.js";
import { createTokenizer } from "../../../src/text/tokenizer.js";
import { bundledManifest, bundledModels } from "../../models/bundledModels.js";
import { tinyCheckpoint } from "../convert/checkpointFolder.js";

const TOKENIZERS: readonly [what: string, file: string][] = [
  ["a small tokenizer", path.join(tinyCheckpoint, "tokenizer.json")],
  ["the bundled tokenizer", path.join(bundledModels, verifierOf(bundledManifest()).tokenizer.path)],
];

for (const [what, file] of TOKENIZERS)
  describe(what, () => {
    const json = readFileSync(file, "utf8");
    const { added_tokens: added } = JSON.parse(json) as { added_tokens: { id: number; content: string }[] };
    const tokenizer = createTokenizer(json);

    it("gives back every well-formed text", () => {
      fc.assert(
        fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
          assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
        }),
      );
    });

    it("gives back code with tabs, CRLF, emoji and runs of white space", () => {
      for (const text of ["def f(x):\n\treturn x\r\n", "    a  =  1\n\n\n        b", "s = '😀 naïve 語'", "", " ", "\n"]) {
        assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
      }
    });

    it("never reads a special token out of a text that spells its name", () => {
      const specials = new Set(added.map((token) => token.id));
      for (const { content } of added) {
        const text = `x = "${content}${content}"`;
        const ids = tokenizer.encode(text);
        assert.deepEqual(
          ids.filter((id) => specials.has(id)),
          [],
        );
        assert.equal(tokenizer.decode(ids), text);
      }
    });

    it("reads the name of a special token as the text that it is", () => {
      const ignorant = createTokenizer(JSON.stringify({ ...(JSON.parse(json) as object), added_tokens: [] }));
      for (const { content } of added) assert.deepEqual(tokenizer.encode(`a ${content}b`), ignorant.encode(`a ${content}b`));
    });

    it("spells special tokens among others", () => {
      const ids = [added[0].id, ...tokenizer.encode("a é"), added[1].id, added[2].id, ...tokenizer.encode("b")];
      assert.equal(tokenizer.decode(ids), `${added[0].content}a é${added[1].content}${added[2].content}b`);
    });

    it("reads a lone surrogate as the replacement character and goes on", () => {
      assert.equal(tokenizer.decode(tokenizer.encode("a\ud800b")), "a\ufffdb");
    });
  });
