/** What a test run in the extension host came to; the part of Mocha's JSON report that is read. */
export interface HostReport {
  readonly stats: { readonly passes: number; readonly failures: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly stack?: string; readonly message?: string } }[];
}

/** The report of a run that did not get as far as writing one. */
export function failedReport(fullTitle: string, message: string): HostReport {
  return { stats: { passes: 0, failures: 1 }, failures: [{ fullTitle, err: { message } }] };
}

/** The sum of several runs. */
export function sumReports(reports: readonly HostReport[]): HostReport {
  const sum = (key: "passes" | "failures"): number => reports.reduce((total, { stats }) => total + stats[key], 0);
  return { stats: { passes: sum("passes"), failures: sum("failures") }, failures: reports.flatMap(({ failures }) => failures) };
}
