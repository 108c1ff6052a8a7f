/** The text around a hole as models read it, in token ids. Fixed once for a request. */
export interface Layout {
  /** What every model reads first. */
  readonly prompt: readonly number[];
  /** What the verifier alone reads between the prompt and what is written; may be empty. */
  readonly marker: readonly number[];
  /** What was typed since the prompt was fixed: read as if it had been written. */
  readonly begun: readonly number[];
  /** The text around the hole, what precedes the hole last: where look-ups search. */
  readonly around: readonly number[];
  /** The first tokens after the hole: what a middle must meet. */
  readonly suffixHead: readonly number[];
}

/** A text in the making. Models are stateless to their callers: each call names the whole sequence, adapters know what is cached. */
export interface Sequence {
  readonly layout: Layout;
  /** Token ids after everything in the layout. */
  readonly written: readonly number[];
}

/** A layout of a prompt alone: no marker, nothing begun. */
export function layoutOf(prompt: readonly number[], suffixHead: readonly number[] = []): Layout {
  return { prompt, marker: [], begun: [], around: prompt, suffixHead };
}

/** What the verifier reads. */
export function verifierTokens({ layout, written }: Sequence): number[] {
  return [...layout.prompt, ...layout.marker, ...layout.begun, ...written];
}

/** What a diffuser with a context of its own reads: it knows no marker. */
export function diffuserTokens({ layout, written }: Sequence): number[] {
  return [...layout.prompt, ...layout.begun, ...written];
}

/** What look-ups search: text in its own order. */
export function textTokens({ layout, written }: Sequence): number[] {
  return [...layout.around, ...layout.begun, ...written];
}
