/**
 * Shares partitions out among members. The same input gives the same answer in
 * every process; a partition stays where it was unless that leaves one member with
 * at least two more than another who also wants it.
 *
 * @param partitionsOf partitions of each topic
 * @param topicsOf topics of each member
 * @param previous the last answer
 * @returns member of each "topic/partition"; those that nobody wants are absent
 */
export function assignPartitions(
  partitionsOf: Readonly<Record<string, number>>,
  topicsOf: Readonly<Record<string, readonly string[]>>,
  previous: Readonly<Record<string, string>>,
): Record<string, string> {
  const members = Object.keys(topicsOf).sort();
  const held = new Map(members.map((member) => [member, 0]));
  const wanting = new Map<string, string[]>();
  for (const topic of Object.keys(partitionsOf).sort()) {
    const takers = members.filter((member) => topicsOf[member]?.includes(topic));
    if (takers.length === 0) continue;
    for (let p = 0; p < (partitionsOf[topic] ?? 0); p++) wanting.set(`${topic}/${p}`, takers);
  }
  const count = (member: string): number => held.get(member) ?? 0;
  const leastLoaded = (takers: readonly string[]): string =>
    takers.reduce((least, member) => (count(member) < count(least) ? member : least));

  const result: Record<string, string> = {};
  const give = (name: string, member: string): void => {
    result[name] = member;
    held.set(member, count(member) + 1);
  };
  for (const [name, takers] of wanting) {
    const before = previous[name];
    if (before !== undefined && takers.includes(before)) give(name, before);
  }
  for (const [name, takers] of wanting) {
    if (result[name] === undefined) give(name, leastLoaded(takers));
  }
  for (let moved = true; moved; ) {
    moved = false;
    for (const [name, takers] of wanting) {
      const holder = result[name];
      const taker = leastLoaded(takers);
      if (holder === undefined || count(holder) - count(taker) < 2) continue;
      held.set(holder, count(holder) - 1);
      give(name, taker);
      moved = true;
    }
  }
  return result;
}
