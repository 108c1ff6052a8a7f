const IDENTIFIER = /[\p{L}_$][\p{L}\p{N}_$]{2,}/gu;

/** Words that say nothing about what a text is about. */
const COMMON = new Set(
  [
    "and args assert async await bool boolean break case catch char class const continue def default del delete elif else enum except",
    "export extends false False final finally float for from func function global implements import in instanceof int interface",
    "lambda len let list long map match mut new nil None not null number object override package pass print private protected pub",
    "public raise readonly return self static str string struct super switch this throw throws true True try type typeof undefined",
    "use using val var void while with yield",
  ]
    .join(" ")
    .split(" "),
);

/** A name, and where it begins, in UTF-16 units. */
export interface NameAt {
  readonly name: string;
  readonly at: number;
}

/** The names in a text, in its order; words of programming languages left out. */
export function identifiersIn(text: string): NameAt[] {
  return [...text.matchAll(IDENTIFIER)].map((match) => ({ name: match[0], at: match.index })).filter(({ name }) => !COMMON.has(name));
}

/** The names in a text, each once. */
export function identifiers(text: string): Set<string> {
  return new Set(identifiersIn(text).map(({ name }) => name));
}

/** How alike two sets are: the size of what they share over that of both together, in [0, 1]; 0 for two empty ones. */
export function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const word of small) if (large.has(word)) shared += 1;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}
