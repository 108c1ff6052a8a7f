import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { openGguf } from "../../../src/convert/sources/gguf/ggufFiles.js";
import { GgufList } from "../../../src/gguf/ggufList.js";
import { unusableWith, withFolder } from "./checkpointFolder.js";
import { ggufBytes, type Gguf, type WrittenTensor } from "./ggufWriter.js";

const floats = (name: string, dims: number[], first = 0): WrittenTensor => {
  const values = Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, (_, index) => first + index);
  return { name, type: "F32", dims, bytes: new Uint8Array(values.buffer) };
};
const small: Gguf = {
  metadata: { "general.name": { text: "né" }, a: { u32: 7 }, b: { f32: 0.5 }, c: { bool: true }, d: { texts: ["x", ""] }, e: { i32s: [-1, 2] } },
  tensors: [floats("one", [3, 2]), floats("two", [5], 10)],
};

/** Writes the files, opens the first and hands it to `use`; all of it is gone afterwards. */
async function opened(files: Readonly<Record<string, Uint8Array>>, use: (gguf: ReturnType<typeof openGguf>) => void, first?: string): Promise<void> {
  await withFolder((folder) => {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes);
    const gguf = openGguf(path.join(folder, first ?? Object.keys(files)[0]));
    try {
      use(gguf);
    } finally {
      for (const file of gguf.files) file.close();
    }
  });
}

const valuesOf = ({ tensors }: ReturnType<typeof openGguf>, name: string): number[] => {
  const tensor = tensors.get(name);
  assert.ok(tensor !== undefined);
  return [...new Float32Array(tensor.file.read(tensor.begin, tensor.end - tensor.begin).buffer)];
};

describe("header of a GGUF file", () => {
  for (const version of [2, 3]) {
    it(`of version ${version} gives metadata, shapes and places`, async () => {
      await opened({ "a.gguf": ggufBytes(small, version) }, (gguf) => {
        const metadata = Object.fromEntries(
          [...gguf.metadata].map(([key, value]) => [key, value instanceof GgufList ? [...(value.decoded() ?? [])] : value]),
        );
        assert.deepEqual(metadata, { "general.name": "né", a: 7, b: 0.5, c: true, d: ["x", ""], e: [-1, 2] });
        assert.deepEqual(gguf.tensors.get("one")?.dims, [3, 2]);
        assert.deepEqual(valuesOf(gguf, "one"), [0, 1, 2, 3, 4, 5]);
        assert.deepEqual(valuesOf(gguf, "two"), [10, 11, 12, 13, 14]);
      });
    });
  }

  it("may ask for another alignment", async () => {
    const gguf: Gguf = { ...small, metadata: { "general.alignment": { u32: 256 } } };
    await opened({ "a.gguf": ggufBytes(gguf, 3, 256) }, (read) => assert.deepEqual(valuesOf(read, "two"), [10, 11, 12, 13, 14]));
  });

  const part = (no: number, count: number, tensors: WrittenTensor[], total = 2): Buffer =>
    ggufBytes({ metadata: { "split.no": { u32: no }, "split.count": { u32: count }, "split.tensors.count": { u32: total } }, tensors });
  const both = { "m-00001-of-00002.gguf": part(0, 2, [floats("one", [2])]), "m-00002-of-00002.gguf": part(1, 2, [floats("two", [2], 5)]) };

  for (const first of Object.keys(both)) {
    it(`finds all parts of a split model from ${first}`, async () => {
      await opened(
        both,
        (gguf) =>
          assert.deepEqual(
            [valuesOf(gguf, "one"), valuesOf(gguf, "two")],
            [
              [0, 1],
              [5, 6],
            ],
          ),
        first,
      );
    });
  }

  const refused: { what: string; files: Record<string, Uint8Array>; sentence: RegExp }[] = [
    { what: "an empty file", files: { "a.gguf": Buffer.alloc(0) }, sentence: /cut short/ },
    { what: "another kind of file", files: { "a.gguf": Buffer.from("PK\u0003\u0004 and so on, some more bytes") }, sentence: /no GGUF file/ },
    { what: "a big-endian file", files: { "a.gguf": Buffer.from("FUGG0000000000000000") }, sentence: /big-endian/ },
    { what: "version 1", files: { "a.gguf": ggufBytes(small, 1) }, sentence: /version 1; 2 and 3/ },
    { what: "a missing part", files: { "m-00001-of-00002.gguf": both["m-00001-of-00002.gguf"] }, sentence: /lacks the file m-00002-of-00002/ },
    {
      what: "a part that is the first one again",
      files: { ...both, "m-00002-of-00002.gguf": both["m-00001-of-00002.gguf"] },
      sentence: /as part 1, which says it is 0/,
    },
    {
      what: "a part under a name of its own",
      files: { "a.gguf": both["m-00001-of-00002.gguf"] },
      sentence: /split into 2 parts by its header, into 1/,
    },
    {
      what: "fewer tensors than the parts promise",
      files: { ...both, "m-00001-of-00002.gguf": part(0, 2, [floats("one", [2])], 3) },
      sentence: /2 tensors in its 2 parts instead of 3/,
    },
    { what: "a tensor in two parts", files: { ...both, "m-00002-of-00002.gguf": part(1, 2, [floats("one", [2])]) }, sentence: /tensor one twice/ },
    {
      what: "a type that is not read",
      files: { "a.gguf": ggufBytes({ ...small, tensors: [{ ...floats("one", [2]), type: "Q2_K" }] }) },
      sentence: /one as Q2_K/,
    },
    {
      what: "columns that are no whole blocks",
      files: { "a.gguf": ggufBytes({ ...small, tensors: [{ ...floats("one", [33]), type: "Q8_0" }] }) },
      sentence: /no whole blocks/,
    },
  ];
  for (const { what, files, sentence } of refused) {
    it(`is refused for ${what}`, async () => {
      await assert.rejects(
        opened(files, () => {}),
        unusableWith(sentence),
      );
    });
  }
});
