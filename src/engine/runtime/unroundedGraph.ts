/** How exactly a product in blocks reads its inputs, an attribute of a node: its name, then the field of its value, which is 4 for 8 bits. */
const ACCURACY = Buffer.from("accuracy_level\u0018");
const AS_FLOATS = 1;

/** The bytes of a graph whose products in blocks read their inputs as floats, and not rounded to 8 bits. */
export function unroundedGraph(graph: Uint8Array): Uint8Array {
  const patched = Buffer.from(graph);
  for (let at = patched.indexOf(ACCURACY); at >= 0; at = patched.indexOf(ACCURACY, at + 1)) patched[at + ACCURACY.length] = AS_FLOATS;
  return patched;
}
