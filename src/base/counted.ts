/** A number of things, as it is said: "1 token", "2 tokens". */
export function counted(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}
