const FAMILIES = [
  ["javascript", "javascriptreact", "typescript", "typescriptreact", "vue", "svelte"],
  ["c", "cpp", "objective-c", "objective-cpp", "cuda-cpp"],
  ["css", "scss", "less"],
];

/** One name for languages whose files use one another; `languageId` itself where there is none. */
export function languageFamily(languageId: string): string {
  return FAMILIES.find((family) => family.includes(languageId))?.[0] ?? languageId;
}
