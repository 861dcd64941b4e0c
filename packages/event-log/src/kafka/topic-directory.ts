import type { AdminLink, AdminLinks } from './admin-link.js';

/**
 * How many partitions each topic has. Asked for once: the log's topics never
 * change. Names are the cluster's.
 */
export class TopicDirectory {
  readonly #links: AdminLinks;
  readonly #partitions = new Map<string, Promise<number>>();

  constructor(links: AdminLinks) {
    this.#links = links;
  }

  /** Throws `unknown_topic` at once where the cluster has no such topic. */
  partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known !== undefined) return known;
    const asked = this.#ask(topic);
    this.#partitions.set(topic, asked);
    asked.catch(() => this.forget(topic));
    return asked;
  }

  forget(topic: string): void {
    this.#partitions.delete(topic);
  }

  #ask(topic: string): Promise<number> {
    const ask = async ({ admin }: AdminLink): Promise<number> => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const found = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
      if (found === 0) throw new Error('the broker does not know its partitions yet');
      return found;
    };
    return this.#links.use(`topic ${topic}`, ask, { unknownIsFinal: true });
  }
}
