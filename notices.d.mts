/** The licence notices of all packages that went into bundles, or lie beside them. @param metafiles of the bundles, as esbuild writes them */
export function noticesOf(metafiles: readonly { readonly inputs: Readonly<Record<string, unknown>> }[]): string;
/** The notices of the models in a folder that are under another licence than this project. @throws Error when one has none */
export function modelNoticesOf(folder: string): string;
