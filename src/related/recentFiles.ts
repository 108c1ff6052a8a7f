const MOST = 40;

/** Addresses of files in the order of use: those that were edited, the latest first, then those that were looked at. */
export class RecentFiles {
  #edited: string[] = [];
  #seen: string[] = [];

  edited(uri: string): void {
    this.#edited = putFirst(uri, this.#edited);
  }

  seen(uri: string): void {
    this.#seen = putFirst(uri, this.#seen);
  }

  closed(uri: string): void {
    this.#edited = this.#edited.filter((each) => each !== uri);
    this.#seen = this.#seen.filter((each) => each !== uri);
  }

  get latestFirst(): readonly string[] {
    return [...new Set([...this.#edited, ...this.#seen])];
  }
}

function putFirst(uri: string, list: readonly string[]): string[] {
  return list[0] === uri ? [...list] : [uri, ...list.filter((each) => each !== uri)].slice(0, MOST);
}
