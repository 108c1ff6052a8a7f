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

/** The names in a text, each once; words of programming languages left out. */
export function identifiers(text: string): Set<string> {
  return new Set((text.match(IDENTIFIER) ?? []).filter((word) => !COMMON.has(word)));
}

/** How alike two sets are: the size of what they share over that of both together, in [0, 1]; 0 for two empty ones. */
export function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const word of small) if (large.has(word)) shared += 1;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}
