/** Names of topics and groups as the cluster knows them: with the prefix. */
export class Names {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  there(name: string): string {
    return this.#prefix + name;
  }

  here(name: string): string {
    return name.slice(this.#prefix.length);
  }
}
