/** Names of topics and groups as the cluster knows them: with the prefix. */
export class Names {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  there(name: string): string {
    return this.#prefix + name;
  }

  /** Kafka's own topics begin with two underscores. */
  isOurs(name: string): boolean {
    return name.startsWith(this.#prefix) && !name.startsWith('__');
  }

  here(name: string): string {
    return name.slice(this.#prefix.length);
  }
}
