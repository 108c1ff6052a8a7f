/** Whether npm has installed what the lock names in `folder`, or as much of it as the product runs with. */
export function isInstalled(folder: string, options?: { readonly isToStart?: boolean }): boolean;
