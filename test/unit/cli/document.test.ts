import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { decodeDocument, MAX_DOCUMENT_BYTES, readDocument } from "../../../src/cli/document.js";
import { LacunaError } from "../../../src/protocol/errors.js";

const utf16le = (text: string): Buffer => Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, "utf16le")]);
const utf16be = (text: string): Buffer => Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(text, "utf16le").swap16()]);

const TEXTS: readonly [claim: string, bytes: Uint8Array, text: string][] = [
  ["an empty file is an empty text", Buffer.of(), ""],
  ["UTF-8 without mark is read as it is", Buffer.from("é = 1\n"), "é = 1\n"],
  ["the mark of UTF-8 is no part of the text", Buffer.from("\ufeffx = 1"), "x = 1"],
  ["a second mark is text", Buffer.from("\ufeff\ufeffx"), "\ufeffx"],
  ["a file that is only a mark is an empty text", Buffer.from("\ufeff"), ""],
  ["CR LF stays", Buffer.from("a\r\nb\r\n"), "a\r\nb\r\n"],
  ["UTF-16 little-endian is read by its mark", utf16le("x = '😀'\n"), "x = '😀'\n"],
  ["UTF-16 big-endian is read by its mark", utf16be("x = '😀'\n"), "x = '😀'\n"],
  ["a lone surrogate in UTF-16 stays", utf16le("a\ud83db"), "a\ud83db"],
];

const FAULTS: readonly [claim: string, bytes: Uint8Array, message: RegExp][] = [
  ["a NUL byte makes a file binary", Buffer.from("a\0b"), /data\.bin is a binary file/],
  ["bytes that are not UTF-8 are refused", Buffer.of(0x61, 0xff, 0x62), /not valid UTF-8/],
  ["a surrogate encoded in UTF-8 is refused", Buffer.of(0xed, 0xa0, 0xbd), /not valid UTF-8/],
  ["a character cut off at the end is refused", Buffer.of(0x61, 0xc3), /not valid UTF-8/],
  ["UTF-16 with half a unit is refused", Buffer.of(0xff, 0xfe, 0x61, 0x00, 0x62), /odd number of bytes/],
  ["UTF-32, whose mark starts like that of UTF-16, is refused", Buffer.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), /binary file/],
];

describe("document", () => {
  for (const [claim, bytes, text] of TEXTS) it(claim, () => assert.equal(decodeDocument(bytes, "data.bin"), text));

  for (const [claim, bytes, message] of FAULTS) {
    it(claim, () => {
      assert.throws(
        () => decodeDocument(bytes, "data.bin"),
        (error) => {
          return error instanceof LacunaError && error.code === "notText" && message.test(error.message) && error.remedy !== "";
        },
      );
    });
  }

  it("decoding leaves the caller's bytes as they are", () => {
    const bytes = utf16be("ab");
    const before = Buffer.from(bytes);
    decodeDocument(bytes, "data.bin");
    assert.deepEqual(bytes, before);
  });

  it("a character split between two chunks of standard input is whole", async () => {
    const bytes = Buffer.from("é");
    assert.equal(await readDocument("-", Readable.from([bytes.subarray(0, 1), bytes.subarray(1)])), "é");
  });

  it("an input without end is given up at the limit", async () => {
    const block = Buffer.alloc(64 * 1024 * 1024, 0x61);
    const endless = (async function* () {
      for (;;) yield block;
    })();
    await assert.rejects(readDocument("-", endless), /standard input is larger than 256 MB/);
    assert.equal(MAX_DOCUMENT_BYTES, 256 * 1024 * 1024);
  });

  it("a missing file and a folder are told apart", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "lacuna-"));
    try {
      const file = path.join(folder, "a b.py");
      await writeFile(file, "x");
      assert.equal(await readDocument(file, Readable.from([])), "x");
      await assert.rejects(readDocument(path.join(folder, "missing.py"), Readable.from([])), /There is no file .*missing\.py/);
      await assert.rejects(readDocument(folder, Readable.from([])), /is a folder/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
