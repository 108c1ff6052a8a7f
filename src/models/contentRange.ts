/** Bytes [first, last] of a file of `total` bytes; `total` is undefined where the server does not know. */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  readonly total: number | undefined;
}

/** Reads a Content-Range header; undefined for one that says nothing. Source: RFC 9110, section 14.4. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header ?? "");
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const total = match[3] === "*" ? undefined : Number(match[3]);
  return first <= last && (total === undefined || last < total) ? { first, last, total } : undefined;
}
