import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

type Versions = Readonly<Record<string, string>>;

const unpinned = (versions: Versions): string[] =>
  Object.entries(versions)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name}@${version}`);

describe("dependencies", () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
  const { dependencies, devDependencies } = read("package.json") as { dependencies: Versions; devDependencies: Versions };

  it("are pinned to one version", () => {
    assert.deepEqual([...unpinned(dependencies), ...unpinned(devDependencies)], []);
  });

  it("are locked at the pinned version", () => {
    const { packages } = read("package-lock.json") as { packages: Readonly<Record<string, { version?: string }>> };
    const pinned = Object.entries({ ...dependencies, ...devDependencies });
    assert.deepEqual(
      pinned.filter(([name, version]) => packages[`node_modules/${name}`]?.version !== version),
      [],
    );
  });

  it("type the API of the oldest editor that is admitted", () => {
    const { engines } = read("package.json") as { engines: { vscode: string } };
    assert.equal(engines.vscode, `^${devDependencies["@types/vscode"]}`);
  });

  it("are refused with a range", () => {
    const ranges = { a: "^1.0.0", b: "~1.0.0", c: "1.x", d: "latest", e: ">=1.0.0", f: "1.0" };
    assert.equal(unpinned(ranges).length, Object.keys(ranges).length);
    assert.deepEqual(unpinned({ a: "1.0.0" }), []);
  });
});
